import test from 'ava';
import { faultOfRegularExpression } from './regular-expression.ts';

/** As Python 3.11 takes them. */
const GOOD = [
  '/images*',
  '(?P<n>x)(?P=n)',
  '(?i)x',
  '(?i:x)(?-i:y)',
  'a++',
  '(?>a)',
  '(a)(?(1)b|c)',
  'x{',
  '[[:alpha:]]',
  '(?#c)a',
  '[^/]+$',
  '\\d{2,3}\\Z',
  '^$|^/$',
  '(?=a)*',
  '\\\\q',
  '[\\^*]',
];
const BAD = [
  '*abc(',
  'a(?i)x',
  '\\q',
  'a{2,1}',
  '[',
  '(?<n>x)',
  '[z-a]',
  '\\1',
  '(a)\\2',
  '\\',
  'a**',
  '^*',
  '$*',
  '|*',
  '(?P<n>a)(?P<n>b)',
  '(?P<1>x)',
  ')',
  '\\p{L}',
];

test('a regular expression is judged as Python judges it', (t) => {
  for (const pattern of GOOD) t.is(faultOfRegularExpression(pattern), undefined, pattern);
  for (const pattern of BAD) t.is(typeof faultOfRegularExpression(pattern), 'string', pattern);
});
