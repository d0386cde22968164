// The order in which people need the pages. A test holds that each page is here.

export interface Group {
  readonly title: string;
  /** Name in the navigation, and path from the root of the repository; a folder is a list of its pages. */
  readonly pages: readonly (readonly [name: string, path: string])[];
}

export const NAV: readonly Group[] = [
  {
    title: 'Guides',
    pages: [
      ['Overview', 'README.md'],
      ['Start', 'docs/start.md'],
      ['Errors', 'docs/errors.md'],
      ['Retry', 'docs/policies/retry.md'],
      ['Cooldown', 'docs/policies/cooldown.md'],
      ['Sessions', 'docs/sessions.md'],
      ['Frontend', 'docs/frontend.md'],
      ['Fleet', 'docs/fleet.md'],
      ['Testing', 'docs/testing.md'],
      ['Telemetry', 'docs/telemetry.md'],
      ['Migration', 'docs/migration.md'],
      ['Security', 'docs/security.md'],
    ],
  },
  {
    title: 'Look up',
    pages: [
      ['Which option?', 'docs/which-option.md'],
      ['Troubleshooting', 'docs/troubleshooting.md'],
      ['Options', 'docs/options.md'],
      ['API reference', 'docs/api.md'],
      ['Recipes', 'docs/recipes.md'],
      ['Typed answers', 'docs/typed-answers.md'],
    ],
  },
  {
    title: 'More policies',
    pages: [
      ['Timeout', 'docs/policies/timeout.md'],
      ['Refresh', 'docs/policies/refresh.md'],
      ['Breaker', 'docs/policies/breaker.md'],
    ],
  },
  {
    title: 'Behind it',
    pages: [
      ['Sandbox', 'docs/sandbox.md'],
      ['Playground', 'docs/playground.md'],
      ['Performance', 'docs/performance.md'],
      ['Scale', 'docs/scale.md'],
      ['Architecture', 'docs/architecture.md'],
      ['Invariants', 'docs/invariants.md'],
      ['Decisions', 'docs/decisions/'],
      ['Contributing', 'CONTRIBUTING.md'],
      ['Changes', 'CHANGELOG.md'],
      ['Reporting a weakness', 'SECURITY.md'],
    ],
  },
];
