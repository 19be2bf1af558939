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

/** What the controller needs of a cloud's compute service (Nova; the lab's engine). */
export interface ComputeService {
  /** Resolves once the instance has been started; the agent may not answer yet. */
  boot(request: {
    readonly amphoraId: string;
    readonly files: readonly BootFile[];
  }): Promise<ComputeInstance>;
  /** An instance that was booted before it was needed, if there is one (Octavia's spare pool). */
  takeSpare?(): Promise<(ComputeInstance & { readonly amphoraId: string }) | undefined>;
  /** Removes the instance; a missing one is not an error. */
  delete(computeId: string): Promise<void>;
}
