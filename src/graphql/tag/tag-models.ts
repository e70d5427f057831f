import type { RemoteImage } from '../../engine/engine.ts';
import type { HostRecord } from '../../fleet/fleet.ts';
import type { HostImageRecord, ImageRecord, TagRecord } from '../../fleet/records.ts';

/** What a tag points at on one host. */
export type TagTargetModel = HostImageRecord;

/** One of a tag's contents. */
export interface TagContentModel {
  tag: TagRecord;
  image: ImageRecord;
}

/** A registry's answer for a tag, with the host whose engine asked. */
export interface RemoteTagModel {
  tag: TagRecord;
  host: HostRecord;
  remote: RemoteImage;
}
