import type { Browser, BrowserContextOptions } from 'playwright-core'
import { onTestFinished } from 'vitest'
import { createWorld, toPush, type RelayProcess, type World } from '../e2e/relay.ts'
import { openTab, type Tab } from './browser.ts'

/** A sandbox, and its page in a browser. */
export interface Stage extends Tab {
  readonly world: World
}

/** Open the page of a sandbox of its own; both end with the test. */
export async function openSandbox(browser: Browser, options: BrowserContextOptions = {}): Promise<Stage> {
  const world = await createWorld()
  return { world, ...(await openSandboxOf(world, browser, options)) }
}

/** Open the page of a sandbox once more. */
export async function openSandboxOf(world: World, browser: Browser, options: BrowserContextOptions = {}): Promise<Tab> {
  const tab = await openTab(browser, `${world.base}/sandbox`, options)
  onTestFinished(tab.close)
  await tab.page.getByText('Live', { exact: true }).waitFor()
  return tab
}

/** Call the local Slack as an app does; gives what it answered. */
export async function callSlack({ base, sandbox }: World, method: string, args: object): Promise<{ ts: string }> {
  const response = await fetch(`${base}/sandbox/slack/api/${method}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${sandbox.slack.token}` },
    body: JSON.stringify(args),
  })
  const answer = (await response.json()) as { ok: boolean; ts: string }
  if (!answer.ok) throw new Error(`Slack refused ${method}: ${JSON.stringify(answer)}`)
  return answer
}

/** Start the real relay beside the sandbox. */
export function startRelay(world: World): Promise<RelayProcess> {
  world.configure()
  return world.start()
}

/** Send an event of the sample incident, with what a test changes in it; throws unless it is accepted. */
export async function send(relay: RelayProcess, type: string, incident: object = {}): Promise<void> {
  const { status } = await relay.push(toPush(type, { incident: { incident_id: 'page-test', ...incident } }))
  if (status !== 200) throw new Error(`${type} was answered with ${status}`)
}
