import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import type { Renderers } from '../../../src/driver/renderers.ts';
import { eachLine } from '../../streams/lines.ts';
import { haproxyRequest, keepalivedRequest, lvsRequest, type RenderRequest } from './render-requests.ts';

/** The program that feeds Octavia's own renderers; see there for its protocol. */
export const RENDERER = join(import.meta.dirname, 'render.py');

/** Imports took up to 10 s, on a busy machine many times that; who takes longer hangs. */
const ANSWER_LIMIT_MS = 120_000;
/** The end of what a program says is where its cause is. */
const COMPLAINT_CHARACTERS = 2000;

/** Octavia's renderer did not render; the message has the last line of Python's error and its place. */
export class RenderFailed extends Error {
  override readonly name = 'RenderFailed';
}

interface Answer {
  readonly version?: string;
  readonly text?: string;
  readonly error?: string;
  readonly place?: string;
}

/** Where the program's standard streams are. */
export interface RendererStreams {
  readonly input: Writable;
  readonly output: Readable;
  readonly errors: Readable;
}

/** Octavia's renderers behind the streams of a running render.py: it answers in the order in which it is asked. */
export class PythonRenderer implements Renderers {
  readonly #input: Writable;
  readonly #limitMs: number;
  readonly #waiting: ((answer: Answer | Error) => void)[] = [];
  readonly #begun: Promise<Answer>;
  #complaint = '';
  #broken: RenderFailed | undefined;

  constructor({ input, output, errors }: RendererStreams, limitMs = ANSWER_LIMIT_MS) {
    this.#input = input;
    this.#limitMs = limitMs;
    input.on('error', () => {});
    errors.setEncoding('utf8').on('data', (text: string) => {
      this.#complaint = `${this.#complaint}${text}`.slice(-COMPLAINT_CHARACTERS);
    });
    this.#begun = this.#next('its renderers');
    this.#begun.catch(() => {});
    eachLine(output, (line) => this.#waiting.shift()?.(answerIn(line))).then(() => {
      const said = this.#complaint.trim().split('\n').at(-1);
      this.#break(new RenderFailed(`Octavia's renderers have ended${said ? `: ${said}` : ''}.`));
    });
  }

  haproxy: Renderers['haproxy'] = (request) => this.#render(haproxyRequest(request));

  keepalived: Renderers['keepalived'] = (request) => this.#render(keepalivedRequest(request));

  lvs: Renderers['lvs'] = (request) => this.#render(lvsRequest(request));

  async #render(request: RenderRequest): Promise<string> {
    if (this.#broken) throw this.#broken;
    const answered = this.#next(request.make);
    this.#input.write(`${JSON.stringify(request)}\n`);
    // Where its imports fail, that is what there is to say.
    const [, { text }] = await Promise.all([this.#begun, answered]);
    return text ?? '';
  }

  /** The next answer that nobody waits for yet. @throws RenderFailed */
  async #next(what: string): Promise<Answer> {
    const { promise, resolve } = Promise.withResolvers<Answer | Error>();
    this.#waiting.push(resolve);
    const seconds = this.#limitMs / 1000;
    const limit = setTimeout(
      () => this.#break(new RenderFailed(`Octavia did not render ${what} within ${seconds} s.`)),
      this.#limitMs,
    );
    const answer = await promise;
    clearTimeout(limit);
    if (answer instanceof Error) throw answer;
    if (answer.error === undefined) return answer;
    const place = answer.place ? ` (${answer.place})` : '';
    throw new RenderFailed(`Octavia did not render ${what}: ${answer.error}${place}.`);
  }

  /** From now on no answer can be told from another's. */
  #break(error: RenderFailed): void {
    this.#broken ??= error;
    for (const settle of this.#waiting.splice(0)) settle(this.#broken);
  }
}

function answerIn(line: string): Answer | RenderFailed {
  try {
    return JSON.parse(line) as Answer;
  } catch {
    return new RenderFailed(`Octavia's renderers answered with "${line}".`);
  }
}
