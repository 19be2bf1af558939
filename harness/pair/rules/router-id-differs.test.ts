import { B, finds, swap } from '../pair.fixture.ts';

finds(import.meta.filename, '51 and 52', { [B]: swap('virtual_router_id 51', 'virtual_router_id 52') }, [
  B,
  'virtual_router_id 52',
]);
