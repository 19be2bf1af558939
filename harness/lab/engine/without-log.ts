/**
 * What keeps the engine from writing down all that a container says: of one that is connected to, everything is read at
 * once, and Docker would format it as JSON and write it to a disk as well.
 */
export const WITHOUT_LOG = { LogConfig: { Type: 'none', Config: {} } } as const;
