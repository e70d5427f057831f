/**
 * Which history step made which layer. Engines list both and do not say how they belong together:
 * every layer was made by one step, in the same order, but steps such as `ENV` made none.
 *
 * A step with a size made a layer. A step without one may have made a layer that holds no bytes
 * (`RUN mkdir`), unless its instruction never makes any. All assignments of layers to steps that fit
 * are looked at together in two tables; what they all agree on is certain, and nothing else is told.
 */

/** A history step, as far as the mapping needs it. */
export interface HistoryStep {
  createdBy: string;
  comment: string;
  sizeBytes: number;
}

/** What is known of an image's history and layers together. */
export interface LayerMapping {
  /** For each layer the index of its step; null where that is not certain. */
  stepOfLayer: (number | null)[];
  /** For each step whether it made no layer; where not certain, one possibility that fits. */
  emptySteps: boolean[];
}

/** The diffID of a layer without any file: 1024 zero bytes. */
const EMPTY_LAYER_DIFF_ID =
  'sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef';

type StepKind = 'LAYER' | 'EITHER' | 'NONE';

/** Maps steps (oldest first) to layers (bottom first). */
export function mapHistoryToLayers(steps: HistoryStep[], diffIds: string[]): LayerMapping {
  const kinds = steps.map(kindOf);
  const isEmptyLayer = diffIds.map((diffId) => diffId === EMPTY_LAYER_DIFF_ID);
  return (
    match(kinds, isEmptyLayer) ??
    // An unusual builder's words may mislead: the sizes alone then.
    match(
      steps.map(({ sizeBytes }) => (sizeBytes > 0 ? 'LAYER' : 'EITHER')),
      diffIds.map(() => null),
    ) ?? {
      stepOfLayer: diffIds.map(() => null),
      emptySteps: kinds.map((kind) => kind !== 'LAYER'),
    }
  );
}

/** Null where no assignment fits. A null in `isEmptyLayer` stands for "may have any size". */
function match(kinds: StepKind[], isEmptyLayer: (boolean | null)[]): LayerMapping | null {
  const steps = kinds.length;
  const layers = isEmptyLayer.length;
  const width = layers + 1;
  const mayMake = (step: number, layer: number) =>
    kinds[step] === 'EITHER' || (kinds[step] === 'LAYER' && isEmptyLayer[layer] !== true);
  const maySkip = (step: number) => kinds[step] !== 'LAYER';

  // above[s][l]: the first s steps can have made the first l layers.
  const above = new Uint8Array((steps + 1) * width);
  above[0] = 1;
  for (let step = 0; step < steps; step++) {
    for (let layer = 0; layer <= layers; layer++) {
      if (above[step * width + layer] === 0) continue;
      if (maySkip(step)) above[(step + 1) * width + layer] = 1;
      if (layer < layers && mayMake(step, layer)) above[(step + 1) * width + layer + 1] = 1;
    }
  }
  if (above[steps * width + layers] === 0) return null;

  // below[s][l]: the steps from s on can have made the layers from l on.
  const below = new Uint8Array((steps + 1) * width);
  below[steps * width + layers] = 1;
  for (let step = steps - 1; step >= 0; step--) {
    for (let layer = layers; layer >= 0; layer--) {
      const skipped = maySkip(step) && below[(step + 1) * width + layer] === 1;
      const made =
        layer < layers && mayMake(step, layer) && below[(step + 1) * width + layer + 1] === 1;
      if (skipped || made) below[step * width + layer] = 1;
    }
  }

  const stepOfLayer = isEmptyLayer.map((_, layer) => {
    let only: number | null = null;
    for (let step = 0; step < steps; step++) {
      const possible =
        above[step * width + layer] === 1 &&
        mayMake(step, layer) &&
        below[(step + 1) * width + layer + 1] === 1;
      if (!possible) continue;
      if (only !== null) return null;
      only = step;
    }
    return only;
  });

  let layer = 0;
  const emptySteps = kinds.map((_, step) => {
    const makes =
      layer < layers && mayMake(step, layer) && below[(step + 1) * width + layer + 1] === 1;
    if (makes) layer++;
    return !makes;
  });
  return { stepOfLayer, emptySteps };
}

const METADATA_INSTRUCTION =
  /^(?:ARG|CMD|ENTRYPOINT|ENV|EXPOSE|HEALTHCHECK|LABEL|MAINTAINER|ONBUILD|SHELL|STOPSIGNAL|USER|VOLUME)\b/;

function kindOf({ createdBy, comment, sizeBytes }: HistoryStep): StepKind {
  if (sizeBytes > 0) return 'LAYER';
  // The classic builder: `/bin/sh -c #(nop)  CMD ["sh"]`. Its ADD, COPY and WORKDIR make layers.
  const classic = /#\(nop\)\s+(.*)/s.exec(createdBy)?.[1];
  if (classic !== undefined) return METADATA_INSTRUCTION.test(classic) ? 'NONE' : 'EITHER';
  const isBuildKit = comment.startsWith('buildkit.');
  return isBuildKit && METADATA_INSTRUCTION.test(createdBy) ? 'NONE' : 'EITHER';
}
