// Made by scripts/regex-golden.py with PyPI regex 2024.11.6.
/// Extent, pattern, texts that match and texts that do not, between tabs; texts are parted by spaces and have
/// their own spaces and line feeds as pictures, and ε is the empty one.
let regexGoldenCases = #"""
    whole	\z(?:(?:(?:(?i:k)|[^ab](?s:.)))*?)*?	ε	␊ _ a É é
    search	\z(?:(?:(?:(?i:k)|[^ab](?s:.)))*?)*?	ε ␊ ␊␊_ ␊1٣␊ ␊aÉbB	
    whole	(?:((?:\z)*?\-|(?:(?:\p{Greek})*)+?))*?	ε - ς σ	B a ß ␣k 1é
    search	(?:((?:\z)*?\-|(?:(?:\p{Greek})*)+?))*?	ε ␊BÉ1_ ␊ς٣␣ ␣aéKß ␣k	
    whole	[\p{L}--[a-k]](\w|[^ab])	É٣ ß␣ ß_ éB éÉ	ε ␣ - a É
    search	[\p{L}--[a-k]](\w|[^ab])	␊␊K- ␊␣ςk ␊BÉ_␊ ␊é🐲 ␣1Éaσ	ε ␣ - a É
    whole	(?:(?:(\z|σ)(?i:[^b])){2,3})?	ε	␊ ␣ 1 B _
    search	(?:(?:(\z|σ)(?i:[^b])){2,3})?	ε ␊ ␊B ␊aB٣ ␊σk	
    whole	((?:(?:\A)?){2}|\-(?m:^)(?:\S[^ab])+)	ε	␣ 1 b é ς
    search	((?:(?:\A)?){2}|\-(?m:^)(?:\S[^ab])+)	ε ␊␊ ␣ ␣␣ab ␣BéÉ	
    whole	(?:(?:(?:(?:^)*)+(?P<n68975510>$|\P{L}))*?\z){2,3}	ε ␊ ␊- 1-␊ _	B k σ 1σ aé
    search	(?:(?:(?:(?:^)*)+(?P<n68975510>$|\P{L}))*?\z){2,3}	ε ␊ ␊- ␊k- ␊K␊K	
    whole	((?P<n178094055>^|\P{L})|\W)(?:^^|\p{L})	ε ␣é -a B a	␣ - 1 ٣ 🐲
    search	((?P<n178094055>^|\P{L})|\W)(?:^^|\p{L})	ε ␊␣_k- ␣ ␣␊␣٣ ␣é	
    whole	(?:[^ab]|(\s|σ))([é-ö1](?:\b){2}|[^ab])	␊B -K É_ éK ς-	ε ␊ - 1 _
    search	(?:[^ab]|(\s|σ))([é-ö1](?:\b){2}|[^ab])	␊B ␣ÉbÉς -Ba -٣σ -K	ε ␊ - 1 _
    whole	(?:[ab])+		ε 1 B _ É
    search	(?:[ab])+	␊bk␊ ␣a ␣a-k -␊a -1bé	ε 1 B _ É
    whole	(?:(?:b){2}\S)+(?i:[a-b])$🐲		ε ␊ ␣ - 1
    search	(?:(?:b){2}\S)+(?i:[a-b])$🐲		ε ␊ ␣ - 1
    whole	(?:(?i:[^b])|\p{L}\W)	- 1 a k k␣	ε B b -b _␣
    search	(?:(?i:[^b])|\p{L}\W)	␊␊é ␊a_1σ ␊🐲K ␣🐲Bσ -	ε B b
    whole	(?:(?:(?P<n504422753>(?:\p{Greek}|(?i:σ))|\S)(?:[a-z]){2}σ){2})?	ε	␣ - _ k ß
    search	(?:(?:(?P<n504422753>(?:\p{Greek}|(?i:σ))|\S)(?:[a-z]){2}σ){2})?	ε ␊␊ςς ␊--🐲- ␊ς1␣ ␊σ🐲	
    whole	((?s:.)|b)	␊ ␣ - B _	ε ␣1 ␣é -ß 1é
    search	((?s:.)|b)	␊ ␊␊␊ ␊b␊ςb ␊é␣K ␊٣٣bk	ε
    whole	k.[^ab]\u00e9		ε ␊ B _ k
    search	k.[^ab]\u00e9		ε ␊ B _ k
    whole	[\d_-]\P{L}é.^\w		ε ␊ - 1 B
    search	[\d_-]\P{L}é.^\w		ε ␊ - 1 B
    whole	\W\W(?:(?:\b)+){2,3}		ε ␊ - 1 B
    search	\W\W(?:(?:\b)+){2,3}	␊␊-σ 1-␊KK _k-🐲b 🐲-É٣é	ε ␊ - 1 B
    whole	(?:\w\W(\S|[\d_-])|🐲(?i:σ))	1␊é σ🐲É	ε ␊ - 1 _
    search	(?:\w\W(\S|[\d_-])|🐲(?i:σ))	1␊é 1␊ékB _B␣Kß a🐲σkB b🐲aσ␊	ε ␊ - 1 _
    whole	\n\p{Lu}		ε ␊ ␣ 1 a
    search	\n\p{Lu}	b␊Kßß	ε ␊ ␣ 1 a
    whole	(?:k(\x61|[\w&&[^_]](?:$){0,2})){1,}		ε ␊ ␣ _ k
    search	(?:k(\x61|[\w&&[^_]](?:$){0,2})){1,}	kabK kéaab ٣k1 🐲␊kBé	ε ␊ ␣ _ k
    whole	\-\A[\d_-][ab].(?i:σ)\z[a-z]		ε ␊ ␣ B b
    search	\-\A[\d_-][ab].(?i:σ)\z[a-z]		ε ␊ ␣ B b
    whole	\s(?P<n721460382>(?m:^)|(?:$)??\S)((?m:^)|[é-ö1])		ε ␣ B b k
    search	\s(?P<n721460382>(?m:^)|(?:$)??\S)((?m:^)|[é-ö1])	␊É ␊σK ␣É␊Bb K␊␊␣b K␊b_٣	ε ␣ B b k
    whole	(?:(?P<n914236072>\S|[é-ö1])^|.)	- 1 B é ς	ε ␊ ␣σ _🐲 kb
    search	(?:(?P<n914236072>\S|[é-ö1])^|.)	␊k- ␊ςÉa ␣b␊␣- ␣σ -	ε ␊
    whole	$B		ε ␣ a b k
    search	$B		ε ␣ a b k
    whole	\d(?:(?:(?:(?:(?i:σ)){1,})+?){0,2}|(?i:σ))		ε b k É ß
    search	\d(?:(?:(?:(?:(?i:σ)){1,})+?){0,2}|(?i:σ))	␣σ٣🐲 -ς1 -٣🐲É 111␣ 1é	ε b k É ß
    whole	\b[é-ö1](?:^)+?(?:\p{Greek}){2,3}		ε ␊ - 1 _
    search	\b[é-ö1](?:^)+?(?:\p{Greek}){2,3}		ε ␊ - 1 _
    whole	(?:(?:b)??){2}	ε	1 a k ß é
    search	(?:(?:b)??){2}	ε ␊É🐲 ␊ς ␣٣␣a --ab	
    whole	((?s:.)B[^\w]|[^ab]\dé[^ab])		ε ␣ B _ k
    search	((?s:.)B[^\w]|[^ab]\dé[^ab])	␣B␣ς -🐲B␣ kB␊-ß	ε ␣ B _ k
    whole	(?:(?P<n46067530>(?:[ab])+?|\n)|$\P{L}[\p{L}--[a-k]][\w&&[^_]])	␊ a b	ε ␣ - _ k
    search	(?:(?P<n46067530>(?:[ab])+?|\n)|$\P{L}[\p{L}--[a-k]][\w&&[^_]])	␊ ␊k🐲ςB ␊ßa ␣␣baς -É٣aa	ε ␣ - _ k
    whole	.(?i:k)^(?:(?i:k)|(?:(?i:[^b])B|\s))		ε 1 B a b
    search	.(?i:k)^(?:(?i:k)|(?:(?i:[^b])B|\s))		ε 1 B a b
    whole	(?:(?:🐲B)*?){2,3}	ε	␊ - 1 a ß
    search	(?:(?:🐲B)*?){2,3}	ε ␊ ␊-ς ␊_ς ␣␊␊٣É	
    whole	(?:(?:(?i:[^b])|[a-z~~[bé]])){0,2}	ε ␊ ␊é ␊σ ␣	b ␊b -B 1B ßB
    search	(?:(?:(?i:[^b])|[a-z~~[bé]])){0,2}	ε ␊ ␊b ␊é ␊σ	
    whole	((?s:.)|\W)	- 1 B _ a	ε ␊a 1b Bß _␊
    search	((?s:.)|\W)	␊BÉ ␊BσÉ ␊_1b␊ ␊a ␊aσaé	ε
    whole	(?:(?:é)*?\S|$)	ε - B _ b	␣ -B _b ßσ ςB
    search	(?:(?:é)*?\S|$)	ε ␊-b_ ␊a_-a ␣ ␣ßσ🐲	
    whole	(?:k\s){2}		ε B _ a b
    search	(?:k\s){2}		ε B _ a b
    whole	\s	␊ ␣	ε 1 B _ b
    search	\s	␊ ␊٣ ␊٣_Bk ␣ ␣1B_	ε 1 B _ b
    whole	[ab][é-ö1]\z		ε ␣ 1 _ a
    search	[ab][é-ö1]\z	bbé	ε ␣ 1 _ a
    whole	(?:(\p{Lu}|(\B|(?P<n361376921>\P{L}|\s))(?:(?:[ab])*)+)){2}	ε ␊ ␊٣ - -␊	B _ a b É
    search	(?:(\p{Lu}|(\B|(?P<n361376921>\P{L}|\s))(?:(?:[ab])*)+)){2}	ε ␊ ␊k🐲 ␊ß_ ␊σé␣	B _ a b É
    whole	^(?:\x61|\W)	␊ ␣ a	ε 1 B _ b
    search	^(?:\x61|\W)	␊ ␊1 ␣ ␣␊_a ␣␣Ba٣	ε 1 B _ b
    whole	(?:(?:(?s:.)[a-z]){2,3}\W(?i:k)(?m:^)){2,3}		ε B _ a k
    search	(?:(?:(?s:.)[a-z]){2,3}\W(?i:k)(?m:^)){2,3}		ε B _ a k
    whole	[é-ö1]\p{Greek}(?s:.)		ε ␊ ␣ - a
    search	[é-ö1]\p{Greek}(?s:.)		ε ␊ ␣ - a
    whole	(\u00e9|(?:\-)+.\p{L})		ε ␊ - B a
    search	(\u00e9|(?:\-)+.\p{L})	␣-bb -éK␊ aBé🐲σ aßééa kKéß1	ε ␊ - B a
    whole	σ\zk[\d_-]\-\P{L}\P{L}		ε ␊ B _ a
    search	σ\zk[\d_-]\-\P{L}\P{L}		ε ␊ B _ a
    whole	(?:(?:[\p{L}--[a-k]][\d_-](?:[^\w]|\n))*?){2}ß		ε ␊ - B _
    search	(?:(?:[\p{L}--[a-k]][\d_-](?:[^\w]|\n))*?){2}ß	␊ßςK -ß- ak🐲🐲ß ß-_ ß-٣1	ε ␊ - B _
    whole	é\n		ε ␣ - B _
    search	é\n	ßKé␊_ é␊k	ε ␣ - B _
    whole	\p{Greek}(?:(?:((?s:.)|b))*)??	ς ς␣ ς-é ςB ςk␊🐲	ε - _ k ß
    search	\p{Greek}(?:(?:((?s:.)|b))*)??	␣σ-Bß ␣σé- BςéB٣ _éσς1 aσ	ε - _ k ß
    whole	[^\w]	␣ -	ε B _ b É
    search	[^\w]	␊k␣٣ ␣ ␣ς - -b-aß	ε B _ b É
    whole	([\w&&[^_]]|\S)(?P<n332664844>\n|(?:(?i:[a-b])){2})\w		ε ␊ 1 B a
    search	([\w&&[^_]]|\S)(?P<n332664844>\n|(?:(?i:[a-b])){2})\w	1-␊k	ε ␊ 1 B a
    whole	(?:\p{L})+B		ε ␊ - 1 B
    search	(?:\p{L})+B	bB-K éBbKσ ٣kBK␊	ε ␊ - 1 B
    whole	(?:σ\n\-){2}(?:[a-z])+?		ε ␊ - B É
    search	(?:σ\n\-){2}(?:[a-z])+?		ε ␊ - B É
    whole	(?:\P{L}(?i:σ))??(?s:.)[^\w](?P<n491342396>a|(?:\u00e9|ß))	_🐲ß	ε ␊ ␣ 1 B
    search	(?:\P{L}(?i:σ))??(?s:.)[^\w](?P<n491342396>a|(?:\u00e9|ß))	␊٣␣ß🐲 1K␊ß _🐲ß σ␣ß🐲🐲	ε ␊ ␣ 1 B
    whole	(?:\n\bé)??	ε	␊ - B _ É
    search	(?:\n\bé)??	ε ␊ ␊k ␊kß ␊É_B٣	
    whole	(?:σ|\-)é\W([\d_-]\d|(?:\p{Greek}|.))		ε ␊ ␣ ß é
    search	(?:σ|\-)é\W([\d_-]\d|(?:\p{Greek}|.))		ε ␊ ␣ ß é
    whole	\sa		ε ␊ - 1 B
    search	\sa		ε ␊ - 1 B
    whole	(ß|.((?s:.)|[\p{L}--[a-k]])b)[^ab]b		ε ␊ - 1 B
    search	(ß|.((?s:.)|[\p{L}--[a-k]])b)[^ab]b		ε ␊ - 1 B
    whole	\z	ε	1 _ a k É
    search	\z	ε ␊Éςb ␊ékσ ␣␣🐲 ␣ékσ	
    whole	σ[\w&&[^_]]\bσ\W[\w&&[^_]]		ε ␊ - 1 B
    search	σ[\w&&[^_]]\bσ\W[\w&&[^_]]		ε ␊ - 1 B
    whole	(ß|[é-ö1])\z\x61		ε ␊ ␣ - B
    search	(ß|[é-ö1])\z\x61		ε ␊ ␣ - B
    whole	(?:[\d_-][a-z~~[bé]])??	ε -k	␣ σ 🐲 ␣␊ ␣K
    search	(?:[\d_-][a-z~~[bé]])??	ε ␊٣ςB ␣ ␣␊ ␣K	
    whole	(?:(?:(?m:^)[\d_-](?i:σ)(?:é)*?)+){2}		ε ␊ ␣ k ٣
    search	(?:(?:(?m:^)[\d_-](?i:σ)(?:é)*?)+){2}		ε ␊ ␣ k ٣
    whole	\z(?i:[a-b])(?P<n855661154>$|(?m:^))\-(?:a|\S)		ε a é ς σ
    search	\z(?i:[a-b])(?P<n855661154>$|(?m:^))\-(?:a|\S)		ε a é ς σ
    whole	\P{L}B\D		ε 1 B b é
    search	\P{L}B\D	␊B-B-	ε 1 B b é
    whole	[a-z~~[bé]](?:(?s:.))*?	a aa aaÉ-É akK aß	ε 1 _ b ς
    search	[a-z~~[bé]](?:(?s:.))*?	␣a ␣É٣␣a ␣éσÉ -1aé🐲 -a1🐲	ε 1 _ b ς
    whole	(?P<n228892891>^|\D)(?i:k)	Ék σK K	ε - B a b
    search	(?P<n228892891>^|\D)(?i:k)	␊Bk␣1 ␊_K ␣␣␊K ␣K٣ aσékÉ	ε - B a b
    whole	(?:🐲🐲|\W)a🐲		ε ␊ - 1 B
    search	(?:🐲🐲|\W)a🐲		ε ␊ - 1 B
    whole	\n^		ε - B _ é
    search	\n^		ε - B _ é
    whole	(?P<n757623789>[^\w]|(?:\W[a-z](?i:σ)){2,3})	␊ ␣ - 🐲	ε _ É ß ␊␣
    search	(?P<n757623789>[^\w]|(?:\W[a-z](?i:σ)){2,3})	␊ ␊␣ ␣ ␣␊🐲BÉ ␣bé_a	ε _ É ß 1σ
    whole	(?m:^)	ε	␊ ␣ a ß ς
    search	(?m:^)	ε ␊ ␊-KÉ ␊1B ␊ß	
    whole	\S\A(?P<n553740303>(?P<n837987025>\p{L}|.)\p{L}|b)		ε a b ς σ
    search	\S\A(?P<n553740303>(?P<n837987025>\p{L}|.)\p{L}|b)		ε a b ς σ
    whole	(?P<n892419443>🐲|[a-z~~[bé]]).(?:(?i:k))??[\p{L}--[a-k]]\AB		ε ␊ ␣ B _
    search	(?P<n892419443>🐲|[a-z~~[bé]]).(?:(?i:k))??[\p{L}--[a-k]]\AB		ε ␊ ␣ B _
    whole	(?:\P{L})+	␊ - 1␊ _ ٣	ε a b k ß
    search	(?:\P{L})+	␊ ␊␊ßσ ␊B ␣σ -	ε a b k ß
    whole	([é-ö1][\p{L}--[a-k]]|\u00e9\Dσ)\u00e9k		ε ␊ - 1 _
    search	([é-ö1][\p{L}--[a-k]]|\u00e9\Dσ)\u00e9k		ε ␊ - 1 _
    whole	(\p{Greek}[a-z]|[é-ö1]\p{L})[\w&&[^_]](\w|[a-z])\D		ε ␊ ␣ _ b
    search	(\p{Greek}[a-z]|[é-ö1]\p{L})[\w&&[^_]](\w|[a-z])\D		ε ␊ ␣ _ b
    whole	(?i:[^b])(?i:k)ß\B		ε ␣ - 1 _
    search	(?i:[^b])(?i:k)ß\B	ßKßÉσ	ε ␣ - 1 _
    whole	\n([a-z~~[bé]]|\x61)		ε ␊ ␣ - 1
    search	\n([a-z~~[bé]]|\x61)	1ς␊a␣	ε ␊ ␣ - 1
    whole	(?:\W)??(?:[\w&&[^_]]\u00e9(\w|\b)){2,3}		ε B a b É
    search	(?:\W)??(?:[\w&&[^_]]\u00e9(\w|\b)){2,3}		ε B a b É
    whole	(?:\s\s|(?:\p{Greek})*)	ε ς	␊ 1 B _ b
    search	(?:\s\s|(?:\p{Greek})*)	ε ␊ ␊bÉ␣ ␊ς ␊ς_é	
    whole	(?:(?m:^)|(?:(?:[\p{L}--[a-k]][\p{L}--[a-k]](?i:k))*?|a\s))	ε a␣	B _ ß é ς
    search	(?:(?m:^)|(?:(?:[\p{L}--[a-k]][\p{L}--[a-k]](?i:k))*?|a\s))	ε ␊a ␊b ␊σ_ ␊K-	
    whole	(?:(?:(?:(?i:k))+?|a)|é)(?:\-){2}		ε ␊ - b É
    search	(?:(?:(?:(?i:k))+?|a)|é)(?:\-){2}		ε ␊ - b É
    whole	(\W\w\n|\x61(?i:σ)ßa)		ε ␊ ␣ B k
    search	(\W\w\n|\x61(?i:σ)ßa)		ε ␊ ␣ B k
    whole	(?:(?P<n481988262>\x61$|(?:σ(?m:^))*?)|[a-z~~[bé]])	ε é	␊ ␣ - 1 B
    search	(?:(?P<n481988262>\x61$|(?:σ(?m:^))*?)|[a-z~~[bé]])	ε ␊ ␣ ␣ÉÉKb -	
    """#
