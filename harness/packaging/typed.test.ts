import test from 'ava';
import { asTypedInPackage } from './typed.ts';

const TYPED = {
  'run `npm run setup`.': 'run `amphora-testbed setup`.',
  'npm run setup -- --check': 'amphora-testbed setup --check',
  'npm run -s scenario -- --list': 'amphora-testbed scenario --list',
  'npm run scenario -- <name>': 'amphora-testbed scenario <name>',
  "['npm run scenario --', ...names]": "['amphora-testbed scenario', ...names]",
  'npm run prune': 'amphora-testbed prune',
};

for (const [inCheckout, inPackage] of Object.entries(TYPED)) {
  test(`${inCheckout} is typed otherwise where the package is installed`, (t) => {
    t.is(asTypedInPackage(inCheckout), inPackage);
  });
}
