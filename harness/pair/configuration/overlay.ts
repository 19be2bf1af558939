import { posix } from 'node:path';
import type { SourceFile } from '../../syntax/statement.ts';

/** A file of a node, as far as rules look at it. */
export interface OverlayFile {
  readonly text: string;
  readonly executable: boolean;
}

/** The files that a node has beside Debian's: by path from the root, without a slash before it. */
export interface Overlay {
  readonly name: string;
  readonly files: ReadonlyMap<string, OverlayFile>;
}

export const KEEPALIVED_CONF = 'etc/keepalived/keepalived.conf';
export const HAPROXY_CFG = 'etc/haproxy/haproxy.cfg';

/** A file of a node as a source, named as it is shown: `a/etc/keepalived/keepalived.conf`. */
export function sourceOf({ name, files }: Overlay, path: string): SourceFile | undefined {
  const file = files.get(path);
  return file && { file: `${name}/${path}`, text: file.text };
}

/** The file at an absolute path of the node. */
export function fileAt({ files }: Overlay, path: string): OverlayFile | undefined {
  return files.get(posix.normalize(path).replace(/^\//, ''));
}

/** The machine's name, where its folder shows it. */
export function hostNameOf(overlay: Overlay): string | undefined {
  return fileAt(overlay, '/etc/hostname')?.text.trim() || undefined;
}

/**
 * The identifier by which conditional lines of keepalived.conf apply: `-i` in the options of Debian's service, else the
 * machine's name up to a dot (keepalived(8)). Undefined where the folder has neither file.
 */
export function identifierOf(overlay: Overlay): string | undefined {
  const options = fileAt(overlay, '/etc/default/keepalived')?.text ?? '';
  const [, written] = /^[^#\n]*\s?["'\s](?:-i|--config-id)[\s=]*([^\s"']+)/m.exec(options) ?? [];
  return written ?? hostNameOf(overlay)?.split('.')[0];
}

/** The files of an `include`, in the order of their names; a relative pattern begins at the including file. */
export function included(overlay: Overlay, pattern: string, from: string): readonly SourceFile[] {
  const folder = `/${posix.dirname(from).split('/').slice(1).join('/')}`;
  const wanted = posix.join(pattern.startsWith('/') ? '/' : folder, pattern).replace(/^\//, '');
  return [...overlay.files.keys()]
    .filter((path) => posix.matchesGlob(path, wanted))
    .sort()
    .flatMap((path) => sourceOf(overlay, path) ?? []);
}
