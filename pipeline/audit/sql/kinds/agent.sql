-- States of a rep's phone: nothing is counted of them.

-- @ declare
INSERT INTO kind_rule VALUES ('agent', 'telephony', 'briefly');
