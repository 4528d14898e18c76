// Ranks answers in JupyterLab as a learner does, by typing into the input box: one vote, then the kernel restarts while the second
// question waits, then the cell runs again. Fails unless the file has every vote once and the second run asked only for what was
// missing. Leaves screenshots of the answers side by side, on light and dark.
//
// usage: node rank.mjs --log FILE --dir FOLDER --out FOLDER [--timeout SECONDS]
//   --log  what `tunebook lab` printed, which holds the address with its token
//   --dir  the work folder, where the notebook and the votes are
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { addressIn, launch, sleep, waiter } from './page.mjs'

const { values: options } = parseArgs({
  options: { log: { type: 'string' }, dir: { type: 'string' }, out: { type: 'string' }, timeout: { type: 'string', default: '90' } },
})
const until = waiter(Number(options.timeout), 100)

function want(what, got, wanted) {
  if (JSON.stringify(got) !== JSON.stringify(wanted)) throw new Error(`${what}: ${JSON.stringify(got)}, want ${JSON.stringify(wanted)}`)
}

const source = `import (
	"fmt"

	"github.com/tunebook/tunebook/kernel/display"
	"github.com/tunebook/tunebook/pkg/feedback"
)

items := []feedback.Item{
	feedback.Answers("lamp", "Why is the lamp by the harbour red?", "So that ships know which side to pass.", "It is red.",
		"Dear reader, what a lovely question! Lamps, you see, have many colours, and colours have many lamps, and the harbour has both."),
	feedback.Answers("bread", "When does the bakery open?", "At six, and on Sundays at eight.", "Find out yourself."),
}
poll, err := feedback.Open("votes.jsonl", feedback.Options{Rater: "ann"})
if err != nil {
	panic(err)
}
sitting, err := poll.Collect(ctx, items, feedback.Prompt{Ask: display.Ask, Show: display.Display})
if err != nil {
	panic(err)
}
fmt.Println(sitting)`
const notebook = {
  cells: [{ cell_type: 'code', id: 'rank', execution_count: null, metadata: {}, outputs: [], source }],
  metadata: { kernelspec: { display_name: 'Go (Tunebook)', language: 'go', name: 'tunebook' }, language_info: { name: 'go' } },
  nbformat: 4, nbformat_minor: 5,
}
const path = join(options.dir, 'votes.jsonl')
const lines = async () => (await readFile(path, 'utf8')).split('\n').filter(Boolean).map(JSON.parse)
// spoken is a ballot in words: the item, and the places in the order shown, best first.
const spoken = ballot => `${ballot.item.id} ${ballot.ranking.map(group => group.map(i => 1 + ballot.order.indexOf(i)).join('=')).join('>')}`

const address = new URL(await until('the address in the log', () => addressIn(options.log)))
// Now the work folder is there.
await rm(path, { force: true })
await writeFile(join(options.dir, 'rank.ipynb'), JSON.stringify(notebook))
const browser = await launch()
const page = await browser.newPage({ viewport: { width: 1200, height: 1000 }, colorScheme: 'light' })
const box = page.locator('.jp-Stdin-input')
const output = page.locator('.jp-Notebook .jp-OutputArea')
const shown = async () => (await output.innerText()).match(/Question \d of \d/g) ?? []

const idle = () => until('an idle kernel', () => page.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]').count())
async function run() {
  await page.locator('.jp-Notebook .jp-Cell').first().click()
  await until('a question', async () => { // commands are dropped while a notebook is still being set up
    if (await box.count()) return true
    if (await page.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]').count()) {
      await page.getByRole('menuitem', { name: 'Run', exact: true }).click()
      await page.getByRole('menuitem', { name: 'Run All Cells', exact: true }).click()
    }
    return box.waitFor({ timeout: 15000 }).then(() => true)
  })
}
// shoot takes a picture in one of JupyterLab's themes, which the menu changes while the question waits.
async function shoot(theme, name) {
  await page.getByRole('menuitem', { name: 'Settings', exact: true }).click()
  await page.locator('.lm-Menu-item', { hasText: /^Theme/ }).click()
  await page.locator('.lm-Menu-item', { hasText: new RegExp(`^JupyterLab ${theme}$`) }).click()
  await until(`the theme ${theme}`, () => page.locator(`body[data-jp-theme-name="JupyterLab ${theme}"]`).count())
  await sleep(500) // the theme's style sheet is loaded
  await page.screenshot({ path: join(options.out, name) })
}
// type answers the question that waits; the box of the next one is another.
async function type(line) {
  await box.last().fill(line)
  await box.last().press('Enter')
}

try {
  const began = Date.now()
  await page.goto(new URL(`/lab/tree/rank.ipynb?reset&token=${address.searchParams.get('token')}`, address).href)
  await page.locator('.jp-Notebook').first().waitFor({ timeout: 60_000 })
  await idle()
  await run()
  await type('1 2')
  await until('word that an answer is missing', async () => (await output.innerText()).includes('answer 3 is missing'))
  await until('the question again', () => box.count())
  await type('2>1=3')
  await until('the second question', async () => (await shown()).length === 2 && await box.count())
  want('votes in the file while the second question waits', (await lines()).map(spoken), ['lamp 2>1=3'])
  await shoot('Light', 'lab-rank.png')
  await shoot('Dark', 'lab-rank-dark.png')

  await page.getByRole('menuitem', { name: 'Kernel', exact: true }).click()
  await page.getByRole('menuitem', { name: /^Restart Kernel and Clear Outputs/ }).click()
  await page.locator('.jp-Dialog button.jp-mod-accept').click()
  await until('the outputs to be gone', async () => (await output.innerText()).trim() === '')
  await idle()
  want('votes in the file after the restart', (await lines()).map(spoken), ['lamp 2>1=3'])

  await run()
  want('questions of the second run', await shown(), ['Question 2 of 2'])
  await type('b')
  await until('the end', async () => (await output.innerText()).includes('ann: 1 answered, 1 known from before; all answered'))
  want('votes in the file at the end', (await lines()).map(spoken), ['lamp 2>1=3', 'bread 2>1'])
  console.log(`   two votes, a restart between them, nothing lost and nothing asked twice, in ${((Date.now() - began) / 1000).toFixed(1)} s`)
} catch (error) {
  await page.screenshot({ path: join(options.out, 'lab-rank-failed.png') }).catch(() => {})
  console.error(`rank.mjs: ${error.message}`)
  process.exitCode = 1
} finally {
  await browser.close()
}
