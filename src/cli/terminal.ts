import { styleText } from 'node:util'

/** How a word is set apart, where there are colours. */
export type Style =
  'bold' | 'dim' | 'italic' | 'underline' | 'red' | 'yellow' | 'green' | 'blue' | 'magenta' | 'cyan' | 'gray'

/** Where a command writes: what a person at a terminal gets and a pipe does not. */
export interface Terminal {
  /** `text` in that style; as it is where colours are off. */
  readonly paint: (style: Style, text: string) => string
  /** How wide the terminal is; absent where there is none, and nothing is to be cut. */
  readonly columns?: number
}

/**
 * What is known of a stream. Colours are for terminals alone, unless FORCE_COLOR asks for them; NO_COLOR,
 * NODE_DISABLE_COLORS and TERM=dumb turn them off.
 * @see https://nodejs.org/docs/latest-v20.x/api/util.html#utilstyletextformat-text-options
 */
export function toTerminal(stream: NodeJS.WriteStream): Terminal {
  const { columns } = stream
  return {
    paint: (style, text) => (text === '' ? '' : styleText(style, text, { stream })),
    ...(stream.isTTY && columns > 0 && { columns }),
  }
}
