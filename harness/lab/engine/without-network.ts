/**
 * What spares a container without a network the engine's work on one. Docker makes network objects even for a container
 * of the network mode `none`, by two more starts of dockerd: with this, runc alone makes the namespace
 * (daemon/container_operations.go, allocateNetwork, and daemon/oci_linux.go, WithLibnetwork). Docker then writes no
 * /etc/hosts either.
 */
export const WITHOUT_NETWORK = { NetworkDisabled: true } as const;
