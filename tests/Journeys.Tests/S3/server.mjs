// An S3 server on loopback with two buckets. Says its port, and ends when its input does.
import { createServer } from 'node:http'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import S3rver from '@20minutes/s3rver'

const directory = mkdtempSync(join(tmpdir(), 'lyceum-s3-'))
const configureBuckets = [{ name: 'lyceum' }, { name: 'elsewhere' }]
const server = (allowMismatchedSignatures) => new S3rver({ silent: true, directory, configureBuckets, allowMismatchedSignatures })
const strict = server(false)
await strict.configureBuckets()
const answers = { true: strict.callback(), false: server(true).callback() }
// Of an address of a bucket alone it checks the signature over the path without its last slash, which clients sign with it.
const http = createServer((request, response) => answers[/^\/[^/?]+\/[^?]/.test(request.url)](request, response))
http.listen(0, '127.0.0.1', () => console.log(http.address().port))
process.stdin.resume()
process.stdin.on('end', () => {
  rmSync(directory, { recursive: true, force: true })
  process.exit(0)
})
