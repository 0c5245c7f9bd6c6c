-- Last filter of every pipeline in this folder: caps log_content, flags what has no header, gives each event its id.
-- A Lua filter leaves the keys of a record in any order; nothing downstream may rely on it.

-- Kinesis takes no record above 1 MiB of JSON, and the output drops a longer one with a warning only. 256 KiB leaves room
-- for escaped characters and metadata; CALI keeps no more of one event.
local MAX_BYTES = 262144
-- CALI reads this much of an event_id. A longer one would lose its end, and two events could share what is left.
local MAX_ID = 200

-- The first `max` bytes of `text`, and less if the cut would fall inside a UTF-8 character.
function cut_utf8(text, max)
  if #text <= max then return text end
  local cut = max
  -- A character has at most three continuation bytes. More of them in a row is no UTF-8, where any cut is as good.
  while cut > max - 4 do
    local following = text:byte(cut + 1)
    if following < 0x80 or following >= 0xC0 then return text:sub(1, cut) end
    cut = cut - 1
  end
  return text:sub(1, max)
end

-- The same for an event that is sent or read again, different for any other: source, offset and time. A file that was
-- rotated begins at offset 0 again, so the time belongs to it; a line without one has at least its length.
-- nil, when a part is missing: CALI then makes an id of host, log_file and log_offset by itself.
function event_id(record, bytes)
  local file, offset = record["log_file"], record["log_offset"]
  if type(file) ~= "string" or type(offset) ~= "number" then return nil end
  local source = file:match("%-(%x+)%.log$")
  if source == nil or #source ~= 64 then
    -- Not the file of a container, whose 64 digits are like no other's on any node.
    local host = record["host"]
    if type(host) ~= "string" or host == "" then return nil end
    source = host .. ":" .. file
  end
  -- `time` is what the container runtime wrote; `timestamp` is from the header of the line.
  local at = record["time"] or record["timestamp"] or (bytes .. "B")
  local id = string.format("%s:%.0f:%s", source, offset, tostring(at))
  if #id > MAX_ID then return nil end
  return id
end

function cali(tag, timestamp, record)
  local text = record["log_content"]
  local bytes = type(text) == "string" and #text or 0
  record["event_id"] = event_id(record, bytes)
  if bytes > MAX_BYTES then
    record["log_content"] = cut_utf8(text, MAX_BYTES)
    record["truncated"] = true
    record["orig_bytes"] = bytes
  end
  -- No header was read: a foreign format, JSON, or the rest of an event that was split.
  if record["level"] == nil then record["no_header"] = true end
  return 2, timestamp, record
end
