import axe from 'axe-core'
import type { Page } from 'playwright-core'

/** What axe finds in the page as it stands: serious and critical faults, each with its rule and where it is. */
export async function findFaults(page: Page): Promise<readonly string[]> {
  // Handed over as text and not as a script element, which the page's policy would refuse.
  await page.evaluate(axe.source)
  const { violations } = await page.evaluate<axe.AxeResults>(`axe.run({ resultTypes: ['violations'], preload: false })`)
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id} ${target.join(' ')}: ${failureSummary}`),
    )
}
