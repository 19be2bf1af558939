/** The requested load balancer is invalid; one sentence names the field, what was found and what is allowed. */
export class InvalidLoadBalancer extends Error {
  override readonly name: string = 'InvalidLoadBalancer';
}

/** The value is valid, but another object has it already (Octavia answers 409). */
export class Conflict extends InvalidLoadBalancer {
  override readonly name = 'Conflict';
}

/** It names an unknown object (Octavia answers 404). */
export class UnknownReference extends InvalidLoadBalancer {
  override readonly name = 'UnknownReference';
}

/** Octavia's API has it, amphorae do not support it (Octavia answers 501, by its provider driver). */
export class Unsupported extends InvalidLoadBalancer {
  override readonly name = 'Unsupported';
}

/** @param place the field, e.g. `listeners[0].protocol_port` */
export function refuse(place: string, reason: string): never {
  throw new InvalidLoadBalancer(`${place}: ${reason}`);
}
