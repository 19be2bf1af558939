import test from 'ava';
import fc from 'fast-check';
import { haproxyPattern, haproxyWord, keepalivedPath } from './quoting.ts';
import { anyValue, hostileValue } from './values.fixture.ts';

/** The words of a line as HAProxy's configuration manual, section 2.2, has them read. */
function words(line: string): string[] {
  const found: string[] = [];
  let word: string | undefined;
  let quoted = false;
  const add = (text: string) => {
    word = (word ?? '') + text;
  };
  const escapes: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r' };
  for (let at = 0; at < line.length; at += 1) {
    const character = line.charAt(at);
    if (character === '\\') {
      at += 1;
      const next = line.charAt(at);
      if (next === 'x') {
        add(String.fromCharCode(Number.parseInt(line.slice(at + 1, at + 3), 16)));
        at += 2;
      } else if (next in escapes) add(escapes[next] ?? '');
      else if (' \\#"\''.includes(next) || (quoted && next === '$')) add(next);
      else {
        add('\\');
        at -= 1;
      }
    } else if (character === '"') {
      quoted = !quoted;
      add('');
    } else if (quoted) add(character === '$' ? 'a variable' : character);
    else if (character === '#') break;
    else if (character === "'") return [...found, 'a quotation begins'];
    else if (character === ' ' || character === '\t') {
      if (word !== undefined) found.push(word);
      word = undefined;
    } else add(character);
  }
  return word === undefined ? found : [...found, word];
}

for (const [kind, values] of [
  ['any text', anyValue],
  ['what HAProxy reads meaning into', hostileValue],
] as const) {
  test(`${kind} is one word of HAProxy's, and reads as it was`, (t) => {
    t.notThrows(() =>
      fc.assert(
        fc.property(values, (text) => {
          const read = words(`before ${haproxyWord(text)} after`);
          return read.length === 3 && read[1] === text;
        }),
        { numRuns: 500 },
      ),
    );
  });
}

test('quotation marks round a value are not part of the pattern, those within are', (t) => {
  t.is(haproxyPattern('"Mozilla/5.0 (X11"'), '"Mozilla/5.0\\ (X11"');
  t.is(haproxyPattern('a"b'), 'a\\"b');
  t.is(haproxyPattern('"a"b"'), '\\"a\\"b\\"');
  t.notThrows(() =>
    fc.assert(
      fc.property(
        hostileValue.map((text) => text.replaceAll('"', '')),
        (text) => {
          // What begins with a dash comes after the flag that ends the flags.
          const read = words(`a ${haproxyPattern(`"${text}"`)} b`).filter(
            (word, n) => n !== 1 || word !== '--',
          );
          return text === '' || text === '--' || read[1] === text;
        },
      ),
    ),
  );
});

test('no pattern is read as a flag', (t) => {
  t.is(haproxyPattern('-f'), '-- -f');
  t.is(haproxyPattern('"-f x"'), '-- "-f\\ x"');
  t.notThrows(() =>
    fc.assert(
      fc.property(hostileValue, (text) => {
        const [first, ...rest] = words(haproxyPattern(text));
        const meant = /^"([^"]+)"$/.exec(text)?.[1] ?? text;
        return first === '--'
          ? rest.length === 1 && rest[0] === meant
          : first === meant && !meant.startsWith('-');
      }),
    ),
  );
});

test('a path has nothing in it that keepalived reads meaning into, and stays the same path', (t) => {
  const path = fc
    .string({ unit: fc.constantFrom(..."/az09._~:@!$&'()*+,;=%41?{}#") })
    .map((text) => `/${text}`);
  t.notThrows(() =>
    fc.assert(
      fc.property(path, (text) => {
        const written = keepalivedPath(text);
        return !/[!#$~'"{}@\s]/.test(written) && unescapePath(written) === unescapePath(text);
      }),
    ),
  );
});

/** RFC 3986, section 2.1, of ASCII. */
function unescapePath(path: string): string {
  return path.replace(/%([0-7][0-9A-F])/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
