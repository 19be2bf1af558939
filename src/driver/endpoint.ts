/** An amphora as the driver sees it: its id is the name on its certificate. */
export interface Endpoint {
  readonly id: string;
  readonly agent_url: string;
}

/** The controller's certificate and key, and the authority of the agents. PEM texts. */
export interface ClientCredentials {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}
