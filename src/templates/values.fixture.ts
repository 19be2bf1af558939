import fc from 'fast-check';

/** Whatever may get as far as the templates: no control character but the tab, and not nothing. */
export const anyValue = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 60 })
  .filter((text) => !/[^\P{Cc}\t]/u.test(text));

/** What means something to HAProxy or to a shell, close together. */
export const hostileValue = fc.string({
  unit: fc.constantFrom(
    ...'\\ \t"\'#$%{}[]()`;|&<>!*~@,=-t',
    ...['x41', 'if', 'acl', 'or', '-f', '--', '%[', '$(id)'],
  ),
  minLength: 1,
});
