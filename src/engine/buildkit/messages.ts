/*
 * The messages of BuildKit and its sessions, as far as we read or write them: numbers and types of
 * the fields are those of moby/buildkit's .proto files. Fields that later versions add are skipped.
 */
import protobuf from 'protobufjs/light.js';

const root = protobuf.Root.fromJSON({
  nested: {
    Timestamp: { fields: { seconds: { type: 'int64', id: 1 }, nanos: { type: 'int32', id: 2 } } },
    StatusResponse: {
      fields: {
        vertexes: { rule: 'repeated', type: 'Vertex', id: 1 },
        statuses: { rule: 'repeated', type: 'VertexStatus', id: 2 },
        logs: { rule: 'repeated', type: 'VertexLog', id: 3 },
        warnings: { rule: 'repeated', type: 'VertexWarning', id: 4 },
      },
    },
    Vertex: {
      fields: {
        digest: { type: 'string', id: 1 },
        name: { type: 'string', id: 3 },
        cached: { type: 'bool', id: 4 },
        started: { type: 'Timestamp', id: 5 },
        completed: { type: 'Timestamp', id: 6 },
        error: { type: 'string', id: 7 },
      },
    },
    VertexStatus: {
      fields: {
        ID: { type: 'string', id: 1 },
        vertex: { type: 'string', id: 2 },
        name: { type: 'string', id: 3 },
        current: { type: 'int64', id: 4 },
        total: { type: 'int64', id: 5 },
        started: { type: 'Timestamp', id: 7 },
        completed: { type: 'Timestamp', id: 8 },
      },
    },
    VertexLog: {
      fields: {
        vertex: { type: 'string', id: 1 },
        timestamp: { type: 'Timestamp', id: 2 },
        msg: { type: 'bytes', id: 4 },
      },
    },
    VertexWarning: {
      fields: { vertex: { type: 'string', id: 1 }, short: { type: 'bytes', id: 3 } },
    },
    CredentialsRequest: { fields: { Host: { type: 'string', id: 1 } } },
    CredentialsResponse: {
      fields: { Username: { type: 'string', id: 1 }, Secret: { type: 'string', id: 2 } },
    },
    BytesMessage: { fields: { data: { type: 'bytes', id: 1 } } },
    SolveRequest: {
      fields: { Ref: { type: 'string', id: 1 }, Internal: { type: 'bool', id: 11 } },
    },
    ResolveImageConfigRequest: {
      fields: { Ref: { type: 'string', id: 1 }, ResolveMode: { type: 'string', id: 3 } },
    },
    ResolveImageConfigResponse: { fields: { Config: { type: 'bytes', id: 2 } } },
    HealthCheckResponse: { fields: { status: { type: 'int32', id: 1 } } },
  },
});

/** Names of the messages. */
export type MessageName =
  | 'StatusResponse'
  | 'CredentialsRequest'
  | 'CredentialsResponse'
  | 'BytesMessage'
  | 'SolveRequest'
  | 'ResolveImageConfigRequest'
  | 'ResolveImageConfigResponse'
  | 'HealthCheckResponse';

/** The fields of a message, empty ones too; throws where the bytes are no such message. */
export function decodeMessage(name: MessageName, bytes: Uint8Array): unknown {
  const type = root.lookupType(name);
  return type.toObject(type.decode(bytes), { longs: Number, defaults: true });
}

/** The bytes of a message with these fields. */
export function encodeMessage(name: MessageName, fields: Record<string, unknown>): Uint8Array {
  return root.lookupType(name).encode(fields).finish();
}
