/** A file that the compute service places in an amphora before its first boot (Nova's config drive). */
export interface BootFile {
  readonly path: string;
  readonly content: string;
  /** Permission bits, e.g. 0o600. */
  readonly mode: number;
}

export interface ComputeInstance {
  readonly computeId: string;
  readonly lbNetworkIp: string;
  /** Where the controller reaches the agent. */
  readonly agentUrl: string;
}

/**
 * What the controller needs of a cloud's compute service (Nova; the lab's engine). Instances are known by the
 * amphora they are for, so that a controller which died while one was made finds it again.
 */
export interface ComputeService {
  /**
   * Resolves once the instance has been started; the agent may not answer yet. Asked again for the same
   * amphora, it gives the instance that is there. A boot that fails leaves nothing.
   */
  boot(request: {
    readonly amphoraId: string;
    readonly files: readonly BootFile[];
  }): Promise<ComputeInstance>;
  /**
   * An instance that was booted before it was needed, if there is one (Octavia's spare pool). Asked again with
   * the same claim, it gives the same instance.
   */
  takeSpare?(claim: string): Promise<(ComputeInstance & { readonly amphoraId: string }) | undefined>;
  /** Removes an amphora's instance; a missing one is not an error. */
  delete(amphoraId: string): Promise<void>;
}
