-- How PostgreSQL looks into JSON.
-- part: elements
jsonb_array_elements(CAST(?2 AS JSONB)) WITH ORDINALITY AS j (value, number)
-- part: element_position
j.number - 1
-- part: keys_after
jsonb_object_keys(CAST(j.after AS JSONB)) AS f (key)
