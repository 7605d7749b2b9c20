-- A ledger as the version before jobs left it: a digit file published, a picture rejected, a cue waiting.
PRAGMA application_id = 1162757970;
BEGIN TRANSACTION;
CREATE TABLE drops (
    id TEXT PRIMARY KEY NOT NULL,
    name TEXT NOT NULL,
    path TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    contentSHA256 TEXT,
    settingsSHA256 TEXT,
    attempt INTEGER NOT NULL,
    failureCount INTEGER NOT NULL,
    token TEXT,
    workerProcess INTEGER,
    workerStart INTEGER,
    notBefore REAL,
    resultPath TEXT,
    reusedFrom TEXT REFERENCES drops (id),
    createdAt REAL NOT NULL,
    updatedAt REAL NOT NULL
, failureCode TEXT, failureIsRetryable INTEGER) STRICT;
INSERT INTO "drops" VALUES('20261128T001643807Z-f2ad6676f1b0','broken.png','/data/outbox/rejected/broken.png/source/broken.png','rejected','broken.png: byte 0: expected a PNG image, as its name says, found other content (78 0a). The file is damaged or was cut short; copy it again.','73cb3858a687a8494ca3323053016282f3dad39d42cf62ca4e79dda2aac7d9ac','228f731c606775dfa961e0e79ca56645bac0650aebe3774802b195d62a8ebf12',1,0,'f7540d43afaf7afdcfdbf5cadefe3648',NULL,NULL,NULL,'/data/outbox/rejected/broken.png',NULL,1.79582500380739116673e+09,1.79582518371102881427e+09,'malformed',0);
INSERT INTO "drops" VALUES('20261128T001643807Z-68436ee5deaa','digits-idx3-ubyte','/data/.engram/archive/20261128T001643807Z-68436ee5deaa/digits-idx3-ubyte','archived','its result is in the outbox','09bd7820c5ca63182a5d8cb3685fac8ee5aeb15f3b9958963742cd9ec8492b89','228f731c606775dfa961e0e79ca56645bac0650aebe3774802b195d62a8ebf12',1,0,'93d99e8316b18812b23c3b7a40fc0d07',NULL,NULL,NULL,'/data/outbox/digits-idx3-ubyte',NULL,1.79582500380739116673e+09,1.79582518289496541026e+09,NULL,NULL);
INSERT INTO "drops" VALUES('20261128T001643807Z-3889d730bf5e','recall/digits/noisy10.png','/data/inbox/recall/digits/noisy10.png','waiting','a cue for the memory "digits"; this version does not recall from cues yet',NULL,NULL,0,0,NULL,NULL,NULL,NULL,NULL,NULL,1.79582500380739116673e+09,1.79582500380739116673e+09,NULL,NULL);
CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
INSERT INTO "grdb_migrations" VALUES('1: drops and transitions');
INSERT INTO "grdb_migrations" VALUES('2: kinds of failures');
CREATE TABLE transitions (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    dropID TEXT NOT NULL REFERENCES drops (id),
    fromState TEXT,
    toState TEXT NOT NULL,
    at REAL NOT NULL,
    reason TEXT NOT NULL
) STRICT;
INSERT INTO "transitions" VALUES(1,'20261128T001643807Z-f2ad6676f1b0',NULL,'settling',1.79582500380739116673e+09,'waiting until it stops changing');
INSERT INTO "transitions" VALUES(2,'20261128T001643807Z-68436ee5deaa',NULL,'settling',1.79582500380739116673e+09,'waiting until it stops changing');
INSERT INTO "transitions" VALUES(3,'20261128T001643807Z-3889d730bf5e',NULL,'waiting',1.79582500380739116673e+09,'a cue for the memory "digits"; this version does not recall from cues yet');
INSERT INTO "transitions" VALUES(4,'20261128T001643807Z-68436ee5deaa','settling','ready',1.79582500799408173561e+09,'it is stable and complete');
INSERT INTO "transitions" VALUES(5,'20261128T001643807Z-68436ee5deaa','ready','claiming',1.79582500802291941642e+09,'it is stable and complete');
INSERT INTO "transitions" VALUES(6,'20261128T001643807Z-68436ee5deaa','claiming','claimed',1.79582500803092455867e+09,'it is stable and complete');
INSERT INTO "transitions" VALUES(7,'20261128T001643807Z-f2ad6676f1b0','settling','settling',1.79582500804327678672e+09,'waiting for the rest: it is too short for a PNG');
INSERT INTO "transitions" VALUES(8,'20261128T001643807Z-68436ee5deaa','claimed','running',1.79582500805998229983e+09,'attempt 1');
INSERT INTO "transitions" VALUES(9,'20261128T001643807Z-f2ad6676f1b0','settling','ready',1.79582506304174327853e+09,'it no longer changes, though it is too short for a PNG');
INSERT INTO "transitions" VALUES(10,'20261128T001643807Z-68436ee5deaa','running','publishing',1.795825182170539856e+09,'the worker is done');
INSERT INTO "transitions" VALUES(11,'20261128T001643807Z-68436ee5deaa','publishing','published',1795825182.86692,'its result is in the outbox');
INSERT INTO "transitions" VALUES(12,'20261128T001643807Z-68436ee5deaa','published','archived',1.79582518289496541026e+09,'its result is in the outbox');
INSERT INTO "transitions" VALUES(13,'20261128T001643807Z-f2ad6676f1b0','ready','claiming',1.79582518297895932192e+09,'it no longer changes, though it is too short for a PNG');
INSERT INTO "transitions" VALUES(14,'20261128T001643807Z-f2ad6676f1b0','claiming','claimed',1.79582518300695180893e+09,'it no longer changes, though it is too short for a PNG');
INSERT INTO "transitions" VALUES(15,'20261128T001643807Z-f2ad6676f1b0','claimed','running',1.79582518304021024704e+09,'attempt 1');
INSERT INTO "transitions" VALUES(16,'20261128T001643807Z-f2ad6676f1b0','running','rejecting',1.79582518365804672238e+09,'broken.png: byte 0: expected a PNG image, as its name says, found other content (78 0a). The file is damaged or was cut short; copy it again.');
INSERT INTO "transitions" VALUES(17,'20261128T001643807Z-f2ad6676f1b0','rejecting','rejected',1.79582518371102881427e+09,'broken.png: byte 0: expected a PNG image, as its name says, found other content (78 0a). The file is damaged or was cut short; copy it again.');
CREATE UNIQUE INDEX dropsInInbox ON drops (name) WHERE state IN ('ready', 'seen', 'settling', 'waiting');
CREATE INDEX dropsByState ON drops (state);
CREATE INDEX dropsByName ON drops (name);
CREATE INDEX dropsByContent ON drops (contentSHA256, settingsSHA256);
CREATE INDEX transitionsByDrop ON transitions (dropID, number);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('transitions',17);
COMMIT;
