const words = (text: string): readonly string[] => text.trim().split(/\s+/);

/**
 * What long passwords are made of when people are asked for one: as letters and digits, in lower case. Written down by ourselves;
 * a phrase counts as one word.
 */
export const commonWords: readonly string[] = [
  // What is asked for, and where.
  ...words(`password passwort passwords passwd passphrase passcode kennwort letmein welcome willkommen changeme change admin administrator
    default secret secrets geheim hallo hello test testing demo login logon guest user username account access qwerty qwertz azerty computer
    laptop internet network server system windows linux google facebook apple android iphone microsoft samsung instagram youtube
    email website office work job company business manager boss team school college student teacher doctor nurse security private`),
  // Endearments and wishes.
  ...words(`iloveyou ilove love loves lover lovely loveme sweet sweetheart sweetie honey baby babygirl babyboy darling angel princess
    prince queen king beautiful gorgeous pretty cutie forever together always happy happiness hope dream dreams lucky freedom peace
    family mother father mommy daddy mama papa brother sister friend friends bestfriend boyfriend girlfriend husband wife schatz liebe
    whatever trustno blessed heaven jesus christ jesuschrist god faith grace trinity amen destiny paradise birthday christmas`),
  // First names.
  ...words(`alex alexander alexandra alice amanda amber amy andrea andreas andrew angela anna anthony antonio ashley austin barbara benjamin
    brandon brian brittany carlos carmen carol caroline charles charlie charlotte chelsea chris christian christina christine christopher
    claudia daniel daniela danielle david dennis diana diego dominic donald edward elizabeth emily emma eric ethan eva felix florian
    francesca frank gabriel george hannah heather helena henry isabella jack jacob jake james jasmine jason jennifer jeremy jessica
    john johnny jonathan jordan jose joseph joshua julia julian justin karen katie kevin kimberly laura lauren lena leonardo linda lisa
    logan louis lucas lucy luis lukas madison manuel marcus maria marie mark markus martin martina mary mason matthew maximilian megan
    melanie melissa michael michelle miguel mohammed monica morgan natalie nathan nicholas nicole oliver olivia oscar pamela patricia
    patrick paul pauline peter philipp rachel rebecca richard robert roberto robin ronald ryan sabrina samantha samuel sandra sara sarah
    scott sebastian sergio simon sophia sophie stefan stefanie stephanie stephen steven susan tanja taylor theresa thomas tiffany
    timothy tobias tyler valentina vanessa veronica victor victoria vincent william xavier yvonne zoe`),
  // Sports and clubs.
  ...words(`football fussball soccer baseball basketball hockey tennis golf cricket rugby volleyball swimming running cycling champion winner
    liverpool arsenal chelsea manchester united everton tottenham barcelona realmadrid juventus milan bayern dortmund schalke celtic
    rangers lakers yankees cowboys steelers packers patriots eagles bulls dodgers redsox ferrari porsche mercedes mustang corvette
    harley honda toyota yamaha`),
  // Stories, games and songs.
  ...words(`superman batman spiderman ironman avengers marvel starwars skywalker vader yoda startrek harry potter harrypotter hogwarts
    gandalf hobbit frodo matrix pokemon pikachu mario zelda minecraft fortnite warcraft naruto dragonball disney mickey minnie
    mickeymouse simpsons snoopy garfield tinkerbell cinderella frozen metallica nirvana beatles elvis eminem slipknot rockstar
    rocknroll music guitar dancer ninja pirate warrior wizard hunter killer legend hero master shadow phoenix ghost`),
  // Food, animals, colours, nature, seasons, places.
  ...words(`chocolate cookie cookies coffee cheese pizza banana apple orange cherry strawberry peaches lemon mango pumpkin pepper ginger
    vanilla candy cupcake sugar butter peanut bacon chicken pasta whiskey guinness dragon monkey tiger lion panther jaguar cheetah bear
    wolf fox horse horses pony dolphin shark whale turtle eagle falcon raven butterfly spider snake rabbit bunny kitty kitten puppy
    doggy panda koala elephant buster bella lucky max rocky tigger red blue green yellow purple pink black white silver golden
    orange violet scarlet sunshine sunflower flower flowers rainbow moonlight starlight diamond crystal ocean river mountain forest
    thunder lightning storm snow winter spring summer autumn january february march april may june july august september october
    november december monday tuesday wednesday thursday friday saturday sunday london paris berlin madrid roma newyork california texas
    florida chicago boston america england scotland ireland germany deutschland france espana italia mexico brasil canada australia india`),
  // Phrases.
  ...words(`correcthorsebatterystaple stairwaytoheaven maytheforcebewithyou tobeornottobe ilovemyfamily godisgreat thequickbrownfox
    onceuponatime neverforget mypassword opensesame nevergiveup letitbe carpediem hakunamatata livelaughlove`),
];

/** What stands between such words and adds nothing to them. */
export const fillerWords: readonly string[] = words(`
  this that is my me mine the and you your yours for are was am with our not but have has had let get got we he she it its in on at of to
  an be so do go no yes new old big good best great very much more ever all who what how one two three four five six seven eight nine ten
  first number und ist der die das mein meine ich du bin hi dear please here there now today miss mister super cool
  club fan fans`);

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
