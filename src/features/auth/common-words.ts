/** What long passwords are made of when people are asked for one: as letters and digits, in lower case. */
export const commonWords: readonly string[] = [
  ...["password", "passwort", "passwd", "passphrase", "kennwort", "letmein", "welcome", "willkommen", "changeme"],
  ...["admin", "administrator", "default", "secret", "geheim", "hallo", "hello", "test", "demo", "login", "guest"],
  ...["iloveyou", "ilove", "you", "sunshine", "princess", "dragon", "monkey", "football", "baseball", "basketball"],
  ...["superman", "batman", "master", "shadow", "mustang", "freedom"],
  ...["whatever", "trustno", "summer", "winter", "spring", "autumn", "fussball", "schatz"],
  ...[
    "january",
    "february",
    "march",
    "april",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
  ],
  // Phrases.
  ...["correcthorsebatterystaple", "stairwaytoheaven", "maytheforcebewithyou", "tobeornottobe"],
  ...["ilovemyfamily", "godisgreat", "jesuschrist", "thequickbrownfox", "onceuponatime", "neverforget", "mypassword"],
];

/** Ways that fingers go over a keyboard, and through digits and alphabet; each is also gone backwards. */
export const commonWalks: readonly string[] = [
  ...["01234567890", "abcdefghijklmnopqrstuvwxyz"],
  ...["qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "yxcvbnm", "azertyuiop", "qsdfghjklm", "wxcvbn"],
  ...["1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p", "qazwsxedcrfvtgbyhnujmikolp", "1qazxsw23edcvfr45tgbnhy67ujmki89olp0"],
  ...[
    "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0",
    "1a2s3d4f5g6h7j8k9l",
    "a1s2d3f4g5h6j7k8l9",
    "q2w3e4r5t6y7u8i9o0p",
  ],
  ...["1a2b3c4d5e6f7g8h9i", "a1b2c3d4e5f6g7h8i9", "1122334455667788990", "111222333444555666777888999000"],
];
