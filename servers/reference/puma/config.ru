# frozen_string_literal: true

# What Puma serves, without a framework: puma config.ru

require 'json'
require 'time'

SYMBOLS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_'
PIECE = SYMBOLS * 1024 # of /bytes/N
MOST = { 'bytes' => 100_000_000, 'wait' => 60_000, 'block' => 60_000, 'cpu' => 10_000_000_000 }.freeze

# A body of that length, in pieces.
Pattern = Struct.new(:left) do
  def each
    count = left
    while count.positive?
      yield count >= PIECE.size ? PIECE : PIECE[0, count]
      count -= PIECE.size
    end
  end
end

# Nobody below adds a date.
def head(type, length)
  { 'Content-Type' => type, 'Content-Length' => length.to_s, 'Date' => Time.now.httpdate }
end

def answer(body, type = 'text/plain', status = 200)
  [status, head(type, body.bytesize), [body]]
end

# Marsaglia's xorshift32.
def xorshift(rounds)
  x = 2_463_534_242
  rounds.times do
    x ^= (x << 13) & 0xffffffff
    x ^= x >> 17
    x ^= (x << 5) & 0xffffffff
  end
  x
end

def serve_number(route, number)
  case route
  when 'bytes'
    [200, head('application/octet-stream', number), Pattern.new(number)]
  when 'cpu'
    answer(xorshift(number).to_s)
  else
    sleep(number / 1000.0)
    answer("#{route == 'wait' ? 'Waited' : 'Blocked'} #{number} ms")
  end
end

# In turn, or each in a thread of its own.
def serve_calls(count, milliseconds, together)
  if together
    Array.new(count) { Thread.new { sleep(milliseconds / 1000.0) } }.each(&:join)
  else
    count.times { sleep(milliseconds / 1000.0) }
  end
  answer("Waited #{count} x #{milliseconds} ms")
end

run(lambda do |env|
  path = env['PATH_INFO']
  case path
  when '/plaintext' then next answer('Hello, World!')
  when '/json' then next answer(JSON.generate(message: 'Hello, World!'), 'application/json')
  when '/echo'
    next answer(env['rack.input'].read, 'application/octet-stream') if env['REQUEST_METHOD'] == 'POST'
  end
  if (found = %r{\A/(bytes|wait|block|cpu)/([0-9]{1,11})\z}.match(path)) && found[2].to_i <= MOST[found[1]]
    next serve_number(found[1], found[2].to_i)
  end
  if (found = %r{\A/calls/([0-9]{1,4})/wait/([0-9]{1,5})\z}.match(path)) &&
     found[1].to_i <= 1000 && found[2].to_i <= 60_000
    next serve_calls(found[1].to_i, found[2].to_i, env['QUERY_STRING'] == 'together')
  end
  answer("404 Not Found\n", 'text/plain', 404)
end)
