/** An amphora as the driver sees it: its id is the name on its certificate. */
export interface Endpoint {
  readonly id: string;
  readonly agent_url: string;
}

/** What the controller shows to agents, and how it knows theirs. PEM texts. */
export interface ClientCredentials {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}
