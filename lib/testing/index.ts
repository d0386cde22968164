// The public surface of `holdfast/testing`: for those who test code of theirs with holdfast.
export {
  coordinatorConformance,
  type ConformanceCase,
  type ConformanceOptions,
  type Stage,
} from './conformance.js';
