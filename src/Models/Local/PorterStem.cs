namespace Lyceum.Models;

/// <summary>Porter's stemmer for English (1980), in place and without allocation. Words with other letters than a to z are left as they are.</summary>
internal static class PorterStem
{
    /// <summary>Stems a lower-case word and returns the new length; the stem is the beginning of the span.</summary>
    public static int Stem(Span<char> word)
    {
        if (word.Length <= 2) return word.Length;
        foreach (var c in word)
            if (c is < 'a' or > 'z') return word.Length;
        var w = new Word(word);
        w.Plurals();
        w.PastAndGerund();
        w.FinalY();
        w.Replace(Step2, 0);
        w.Replace(Step3, 0);
        w.Strip();
        w.FinalE();
        return w.Length;
    }

    private static readonly (string From, string To)[] Step2 =
    [
        ("ational", "ate"), ("tional", "tion"), ("enci", "ence"), ("anci", "ance"), ("izer", "ize"), ("abli", "able"), ("alli", "al"), ("entli", "ent"),
        ("eli", "e"), ("ousli", "ous"), ("ization", "ize"), ("ation", "ate"), ("ator", "ate"), ("alism", "al"), ("iveness", "ive"), ("fulness", "ful"),
        ("ousness", "ous"), ("aliti", "al"), ("iviti", "ive"), ("biliti", "ble"), ("logi", "log"),
    ];

    private static readonly (string From, string To)[] Step3 =
        [("icate", "ic"), ("ative", ""), ("alize", "al"), ("iciti", "ic"), ("ical", "ic"), ("ful", ""), ("ness", "")];

    private static readonly string[] Step4 =
        ["al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent", "ou", "ism", "ate", "iti", "ous", "ive", "ize"];

    private ref struct Word(Span<char> text)
    {
        private readonly Span<char> _text = text;

        public int Length { get; private set; } = text.Length;

        private readonly ReadOnlySpan<char> Now => _text[..Length];

        public void Plurals()
        {
            if (Now[^1] != 's') return;
            if (Ends("sses") || Ends("ies")) Length -= 2;
            else if (!Ends("ss")) Length--;
        }

        public void PastAndGerund()
        {
            if (Ends("eed"))
            {
                if (Measure(Length - 3) > 0) Length--;
                return;
            }

            if (Ends("ed") && HasVowel(Length - 2)) Length -= 2;
            else if (Ends("ing") && HasVowel(Length - 3)) Length -= 3;
            else return;
            if (Ends("at") || Ends("bl") || Ends("iz")) Append('e');
            else if (DoubleConsonant() && Now[^1] is not ('l' or 's' or 'z')) Length--;
            else if (Measure(Length) == 1 && EndsShort(Length)) Append('e');
        }

        public readonly void FinalY()
        {
            if (Now[^1] == 'y' && HasVowel(Length - 1)) _text[Length - 1] = 'i';
        }

        public void Replace((string From, string To)[] rules, int measureAbove)
        {
            foreach (var (from, to) in rules)
            {
                if (!Ends(from)) continue;
                if (Measure(Length - from.Length) > measureAbove)
                {
                    to.CopyTo(_text[(Length - from.Length)..]);
                    Length += to.Length - from.Length;
                }

                return;
            }
        }

        public void Strip()
        {
            if (Ends("ion") && Length > 3 && _text[Length - 4] is 's' or 't')
            {
                if (Measure(Length - 3) > 1) Length -= 3;
                return;
            }

            var longest = 0;
            foreach (var suffix in Step4)
                if (suffix.Length > longest && Ends(suffix)) longest = suffix.Length;
            if (longest > 0 && Measure(Length - longest) > 1) Length -= longest;
        }

        public void FinalE()
        {
            if (Now[^1] == 'e')
            {
                var m = Measure(Length - 1);
                if (m > 1 || (m == 1 && !EndsShort(Length - 1))) Length--;
            }

            if (Now[^1] == 'l' && DoubleConsonant() && Measure(Length) > 1) Length--;
        }

        private void Append(char c) => _text[Length++] = c; // never longer than the word was: two or three letters went before

        private readonly bool Ends(string suffix) => Length > suffix.Length && Now.EndsWith(suffix);

        private readonly bool Consonant(int i) => _text[i] switch
        {
            'a' or 'e' or 'i' or 'o' or 'u' => false,
            'y' => i == 0 || !Consonant(i - 1),
            _ => true,
        };

        private readonly bool HasVowel(int length)
        {
            for (var i = 0; i < length; i++)
                if (!Consonant(i)) return true;
            return false;
        }

        private readonly bool DoubleConsonant() => Length >= 2 && _text[Length - 1] == _text[Length - 2] && Consonant(Length - 1);

        // Consonant, vowel, consonant, where the last is not w, x or y: hop, fil, but not snow.
        private readonly bool EndsShort(int length) =>
            length >= 3 && Consonant(length - 1) && !Consonant(length - 2) && Consonant(length - 3) && _text[length - 1] is not ('w' or 'x' or 'y');

        // How often a vowel is followed by a consonant in the first letters.
        private readonly int Measure(int length)
        {
            var (count, vowel) = (0, false);
            for (var i = 0; i < length; i++)
            {
                var consonant = Consonant(i);
                if (consonant && vowel) count++;
                vowel = !consonant;
            }

            return count;
        }
    }
}
