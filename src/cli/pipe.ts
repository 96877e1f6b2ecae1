/**
 * Have `end` called when nobody reads what is written to `stream` any more, as with `| head`; other errors of it are
 * thrown as before. Gives back a function that undoes it.
 */
export function onBrokenPipe(stream: NodeJS.WriteStream, end: () => void): () => void {
  const read = (error: NodeJS.ErrnoException): void => {
    if (error.code !== 'EPIPE') throw error
    end()
  }
  stream.on('error', read)
  return () => void stream.off('error', read)
}
