-- How SQLite looks into JSON.
-- part: elements
json_each(?2) j
-- part: element_position
j.key
-- part: keys_after
json_each(j.after) f
