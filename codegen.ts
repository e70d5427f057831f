import type { CodegenConfig } from '@graphql-codegen/cli';

/** Types of resolvers from the SDL: `npm run codegen`; `npm run check` says when they are stale. */
const config: CodegenConfig = {
  schema: 'schema/*.graphql',
  generates: {
    'src/graphql/resolver-types.ts': {
      plugins: ['typescript', 'typescript-resolvers'],
      config: {
        enumsAsTypes: true,
        useTypeImports: true,
        importExtension: '.ts',
        strictScalars: true,
        scalars: { DateTime: 'number', ByteCount: 'number', ID: 'string' },
        contextType: './context.ts#GraphqlContext',
        defaultMapper: '{T}',
        makeResolverTypeCallable: true,
        avoidOptionals: { field: true, object: true, defaultValue: true },
        immutableTypes: true,
        mappers: {
          Host: '../fleet/fleet.ts#HostRecord as HostModel',
          Image: '../fleet/records.ts#ImageRecord as ImageModel',
          HostImage: '../fleet/records.ts#HostImageRecord as HostImageModel',
          Layer: '../fleet/records.ts#LayerRecord as LayerModel',
          Tag: '../fleet/records.ts#TagRecord as TagModel',
          Fleet: '../fleet/fleet.ts#Fleet as FleetModel',
          Engine: '../engine/engine.ts#EngineInfo as EngineModel',
          HostError: '../fleet/host-monitor.ts#HostError as HostErrorModel',
          DiskUsage: '../engine/engine.ts#DiskUsage as DiskUsageModel',
          DiskUsageEntry: '../engine/engine.ts#DiskUsageEntry as DiskUsageEntryModel',
          ImageConfig: '../engine/engine.ts#ImageConfig as ImageConfigModel',
          Healthcheck: '../engine/engine.ts#Healthcheck as HealthcheckModel',
          HistoryEntry: '../engine/engine.ts#HistoryEntry as HistoryEntryModel',
          Container: './host/container-model.ts#ContainerModel',
          TagTarget: './tag/tag-models.ts#TagTargetModel',
          TagContent: './tag/tag-models.ts#TagContentModel',
          RemoteTag: './tag/tag-models.ts#RemoteTagModel',
          ImageEvent: './image/image-event-model.ts#ImageEventModel',
        },
      },
    },
  },
};

export default config;
