import { B, finds, gone } from '../pair.fixture.ts';

finds(import.meta.filename, 'a notify script that was not copied', { 'b/etc/keepalived/notify.sh': gone }, [
  B,
  'notify "',
]);
