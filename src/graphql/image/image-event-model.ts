import type { Delivery } from '../../common/broadcast.ts';
import type { ImageChange } from '../../fleet/fleet.ts';

/** An inventory change as it was delivered to one subscriber. */
export type ImageEventModel = Delivery<ImageChange>;
