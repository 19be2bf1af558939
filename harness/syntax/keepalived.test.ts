// biome-ignore-all lint/suspicious/noTemplateCurlyInString: keepalived writes its definitions so.
import test from 'ava';
import fc from 'fast-check';
import { commandLine, commandWords, readKeepalived, wholeText } from './keepalived.ts';
import type { Statement } from './statement.ts';

const read = (text: string) => readKeepalived({ file: 'k.conf', text });
/** A statement as a tree of words. */
type Tree = readonly [readonly string[], (readonly Tree[])?];
const treeOf = ({ words, block }: Statement): Tree => (block ? [words, block.map(treeOf)] : [words]);

const plainWord = fc.stringMatching(/^[A-Za-z0-9_./:-]+$/).filter((word) => !/^(include|\$)/.test(word));
const spacedWord = fc.stringMatching(/^[A-Za-z0-9 _#!{}-]+$/).filter((word) => word.trim() === word);
const tree: fc.Arbitrary<Tree> = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc
    .tuple(
      fc
        .tuple(plainWord, fc.array(fc.oneof(plainWord, spacedWord), { maxLength: 3 }))
        .map(([k, rest]) => [k, ...rest]),
      fc.option(fc.array(tie('tree'), { maxLength: 3 }), { nil: undefined, depthSize: 'small' }),
    )
    .map(([words, block]): Tree => (block ? [words, block] : [words])),
})).tree;

/** Prints in one of keepalived's spellings, and notes the line of each statement. */
function print(
  trees: readonly Tree[],
  ownLine: boolean,
): { readonly text: string; readonly lines: readonly number[] } {
  const out: string[] = [];
  const lines: number[] = [];
  const add = ([words, block]: Tree) => {
    const shown = words.map((word) => (/^[\w./:-]+$/.test(word) ? word : `"${word}"`)).join(' ');
    out.push('# a comment with } in it', block && !ownLine ? `  ${shown} { ! another` : `  ${shown}`);
    lines.push(out.length);
    if (block && ownLine) out.push('{');
    block?.forEach(add);
    if (block) out.push('}');
  };
  trees.forEach(add);
  return { text: out.join('\n'), lines };
}

const linesOf = (statements: readonly Statement[]): readonly number[] =>
  statements.flatMap(({ line, block }) => [line, ...linesOf(block ?? [])]);

test('what was printed is read as it was, and each statement knows its line', (t) => {
  fc.assert(
    fc.property(fc.array(tree, { maxLength: 4 }), fc.boolean(), (trees, ownLine) => {
      const { text, lines } = print(trees, ownLine);
      const { statements } = read(text);
      t.deepEqual(statements.map(treeOf), trees);
      t.deepEqual(linesOf(statements), lines);
    }),
    { numRuns: 200 },
  );
});

test('braces may stand anywhere in a line', (t) => {
  const tree = [[['a'], [[['b'], [[['c', '1']]]], [['d']]]]];
  t.deepEqual(read('a { b { c 1 } d }').statements.map(treeOf), tree as never);
  t.deepEqual(read('a\n{\nb\n{ c 1\n} d\n}').statements.map(treeOf), tree as never);
});

test('a comment sign inside double quotes, or after a backslash, is text', (t) => {
  const { statements, comments } = read('auth_pass "a#b!c" # why\nx \\#y ! z');
  t.deepEqual(
    statements.map(({ words }) => words),
    [
      ['auth_pass', 'a#b!c'],
      ['x', '#y'],
    ],
  );
  t.deepEqual(
    comments.map(({ text, line }) => [text, line]),
    [
      ['why', 1],
      ['z', 2],
    ],
  );
});

test('definitions are replaced, also inside each other, and unknown ones stay', (t) => {
  const { statements } = read('$NET=10.0.${SUB}\n$SUB=7\n$P=100\npriority $P\nip ${NET}.1/24 ${OTHER}');
  t.deepEqual(
    statements.map(({ words }) => words),
    [
      ['priority', '100'],
      ['ip', '10.0.7.1/24', '${OTHER}'],
    ],
  );
});

test('a definition over several lines becomes statements where it is used', (t) => {
  const { statements } = read('$V= \\\nvrrp_instance V${N} { \\\n priority 9 \\\n}\n$N=1\n$V\n');
  t.deepEqual(statements.map(treeOf), [[['vrrp_instance', 'V1'], [[['priority', '9']]]]]);
  t.is(statements[0]?.line, 6);
});

test('a line for another configuration identifier is left out, and reported as unknown', (t) => {
  const { statements, unknown } = read(
    '@main priority 200\n@^main priority 100\n~SEQ(A, 1, 3) ip 10.0.0.${A}',
  );
  t.deepEqual(
    statements.map(({ words }) => words),
    [['priority', '100']],
  );
  t.deepEqual(
    unknown.map(({ line }) => line),
    [1, 2, 3],
  );
});

test('with an identifier, conditional lines and definitions apply or not', (t) => {
  const text = '@main $P=200\n@spare $P=100\npriority $P\n@^main nopreempt\n@main state MASTER';
  const wordsFor = (identifier: string) => {
    const { statements, unknown } = readKeepalived({ file: 'k.conf', text }, () => [], identifier);
    t.deepEqual(unknown, []);
    return statements.map(({ words }) => words.join(' '));
  };
  t.deepEqual(wordsFor('main'), ['priority 200', 'state MASTER']);
  t.deepEqual(wordsFor('spare'), ['priority 100', 'nopreempt']);
});

test('a byte order mark and a no-break space belong to a word', (t) => {
  const { statements } = read('\uFEFFglobal_defs {\n\u00A0\u00A0router_id lb\n}');
  t.deepEqual(statements.map(treeOf), [[['\uFEFFglobal_defs'], [[['\u00A0\u00A0router_id', 'lb']]]]]);
});

test('included files keep their own name and lines', (t) => {
  const asked: string[] = [];
  const { statements } = readKeepalived(
    { file: 'k.conf', text: 'a\ninclude conf.d/*.conf\nb' },
    (pattern, from) => {
      asked.push(`${pattern} from ${from}`);
      return [{ file: 'conf.d/1.conf', text: '\nc' }];
    },
  );
  t.deepEqual(asked, ['conf.d/*.conf from k.conf']);
  t.deepEqual(
    statements.map(({ words, file, line }) => [words[0], file, line]),
    [
      ['a', 'k.conf', 1],
      ['c', 'conf.d/1.conf', 2],
      ['b', 'k.conf', 3],
    ],
  );
});

for (const [text, says] of [
  ['a {\n b 1\n', /^k\.conf:1: the block "a" has no closing brace/],
  ['a {\n}\n}\n', /^k\.conf:3: this closing brace closes no block/],
  ['\n{\n}\n', /^k\.conf:2: this opening brace follows no keyword/],
] as const) {
  test(`${JSON.stringify(text)} cannot be read, and the message names the line`, (t) => {
    t.throws(() => read(text), { message: says });
  });
}

test('the whole text has included files in their place', (t) => {
  const include = () => [{ file: 'more.conf', text: 'c $X # of no account' }];
  t.is(wholeText({ file: 'k.conf', text: '$X=1\na\ninclude more.conf\nb' }, include), 'a\nc 1\nb\n');
});

test('a file that includes itself ends', (t) => {
  const self = { file: 'k.conf', text: 'a\ninclude k.conf' };
  t.true(readKeepalived(self, () => [self]).statements.length > 1);
});

test('the words of a command line follow its quotes', (t) => {
  t.deepEqual(commandWords(`/x 'two words' a\\ b "c d"`), ['/x', 'two words', 'a b', 'c d']);
});

test('a command line keeps the quotes inside its own', (t) => {
  const [script] = read(`script "/bin/sh -c 'a || b'"`).statements;
  t.deepEqual(script && commandWords(commandLine(script)[0] ?? ''), ['/bin/sh', '-c', 'a || b']);
});

test('escaped quotes inside quotes part the words of the command', (t) => {
  const [notify] = read('notify_backup "/bin/sh -c \\"echo a # > /b\\"" root # why').statements;
  const [command = '', ...beyond] = notify ? commandLine(notify) : [];
  t.deepEqual(commandWords(command), ['/bin/sh', '-c', 'echo a # > /b']);
  t.deepEqual(beyond, ['root']);
});

test('any text is read, or refused with file and line', (t) => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', ' ', '\n', '{', '}', '"', '#', '$', '=', '\\', '@', '~') }),
      (text) => {
        try {
          t.true(Array.isArray(read(text).statements));
        } catch (error) {
          t.regex((error as Error).message, /^k\.conf:\d+: /);
        }
      },
    ),
  );
});
