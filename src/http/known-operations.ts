/**
 * Operation names that metrics tell apart: those of `examples/*.graphql` (a test holds the two
 * together) and the one that GraphiQL and code generators introspect with.
 */
export const KNOWN_OPERATIONS: readonly string[] = [
  'FleetInventory',
  'WhereIsImage',
  'DriftedTags',
  'SharedLayers',
  'DiskUsage',
  'HostChanges',
  'PullImage',
  'WatchOperation',
  'WaitForOperation',
  'Operations',
  'PushImage',
  'TagImage',
  'UntagImage',
  'RemoveImage',
  'PrunePlan',
  'PruneImages',
  'CommitContainer',
  'ImportImage',
  'BuildImage',
  'SearchImages',
  'RefreshHosts',
  'CancelOperation',
  'RetryOperation',
  'TransferPlan',
  'TransferImage',
  'DistributeImage',
  'IntrospectionQuery',
];
