import { createServer } from 'node:net';
import { answerTo } from './answers.ts';
import { cutMessages } from './messages.ts';
import { slowMs } from './scene.ts';

/** All vendors on one port: canned answers, far faster than whatever is measured against them. */
const server = createServer({ noDelay: true }, (socket) => {
  const hear = cutMessages((head) => {
    const line = head.slice(0, head.indexOf('\r\n'));
    const bytes = answerTo(line);
    if (line.includes('gid=slow_')) setTimeout(() => socket.write(bytes), slowMs);
    else socket.write(bytes);
  });
  socket.on('data', hear);
  socket.on('error', () => socket.destroy());
});
server.listen(Number(process.argv[2]), '127.0.0.1', 4096);
