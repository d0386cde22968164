// The steps of a scenario and when they are due. Nothing of a sandbox changes unless somebody asks it something, so that
// steps wait for the next request and need no timer.
import type { ScenarioStep } from './scenario.js';

export interface Script {
  /** Begins anew. The steps that are in force from the start. */
  begin(): readonly ScenarioStep[];
  /** A request arrived: the steps that have become due, in their order. */
  due(): readonly ScenarioStep[];
}

export function createScript(steps: readonly ScenarioStep[], now: () => number): Script {
  const atOf = ({ at = 0 }: ScenarioStep) => at;
  const ordered = [...steps].sort((one, other) => atOf(one) - atOf(other));
  let startedAt: number | undefined;
  let left: readonly ScenarioStep[] = [];

  function take(elapsed: number): readonly ScenarioStep[] {
    const taken = left.filter((step) => atOf(step) <= elapsed);
    left = left.slice(taken.length);
    return taken;
  }

  return {
    begin() {
      startedAt = undefined;
      left = ordered;
      return take(0);
    },
    due() {
      startedAt ??= now();
      return take(now() - startedAt);
    },
  };
}
