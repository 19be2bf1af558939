import test from 'ava';
import { namesOf } from './names.ts';

for (const listed of [
  'amphora-testbed/base:1',
  'localhost/amphora-testbed/base:1',
  'docker.io/amphora-testbed/base:1',
]) {
  test(`an engine that lists ${listed} has amphora-testbed/base:1`, (t) => {
    t.deepEqual(namesOf([{ RepoTags: [listed] }]), ['amphora-testbed/base:1']);
  });
}

test("Debian's image has its short name, another registry's its whole one", (t) => {
  const RepoTags = ['docker.io/library/debian:bookworm-slim', 'quay.io/some/image:2'];
  t.deepEqual(namesOf([{ RepoTags }]), ['debian:bookworm-slim', 'quay.io/some/image:2']);
});
