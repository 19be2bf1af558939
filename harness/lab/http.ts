/** node:http, without what its import loads: that asks for everything in it, and so for Node's own fetch, which nobody needs. */
export const { get } = process.getBuiltinModule('node:http');
