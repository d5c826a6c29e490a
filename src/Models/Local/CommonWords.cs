using System.Collections.Frozen;

namespace Lyceum.Models;

/// <summary>
/// How much a word says, before any document is seen: words that stand everywhere count little. This takes the place of corpus statistics,
/// which a built-in model cannot have. English in frequency bands; of other languages the function words.
/// </summary>
internal static class CommonWords
{
    private const string Function =
        "the of and to a in is it that for was on are as with his they at be this from have or by had not but what all were when we there can an your which their said if do will each about how up out them then she he her my than been who its now did get come made may part over you me him our us am i no so any these those some such only own same too very just where why while because until against between into through during before after above below under again further once here both few more most other nor does doing would should could ought might must shall being having itself himself herself themselves myself yourself ourselves yours hers ours theirs whom also upon within without toward towards among whether however therefore thus hence yet still ever never always often although though since unless per via etc ie eg vs let s t re ve ll d m don isn aren wasn weren doesn didn hasn haven hadn won wouldn couldn shouldn cannot";

    private const string Frequent =
        "use used using uses make makes making many one two three four first second new like time times way ways see say says go going went know known take taken takes give given gives find found get got look think thing things people person man year years day days work works good well back even much need needs want another last long great little right old big high small large next early young important different able available various several certain common general particular specific main major based case cases place point world life hand week company system systems program question questions number numbers problem problems fact group area state states become became call called show shows shown keep turn move live try ask seem feel leave put mean means help start run play set end include includes including included provide provides provided concern concerned concerning regard regarding relate related relating describe described describes discuss discussed discussion present presented presents type types kind kinds form forms example examples result results possible order level terms term view study studies paper article articles book report reports author authors method methods process approach effect effects role field fields require required requires consider considered determine determined develop developed development increase increased total change changes value values amount according due least less rather quite almost per cent percent best better full whole part parts side nature basis aspect aspects purpose purposes reason reasons subject subjects section following follows follow name named list word words line lines page information data service services interest interests interested need concept concepts idea ideas research university today current currently recent recently usually generally especially particularly simply simple general generally various existing exist exists involve involved involves difficult difficulty easily easy better attempt attempts made out upon many much every each own short open public local national social human individual possible potential actual actually real really";

    private const string Middling =
        "analysis structure model models theory design evaluation function functions activity activities management organization group groups community education technical technology science scientific control resource resources user users material materials source sources content library document documents record records file files search test tests test quality performance measure measures measured cost costs policy plan planning project projects product production market support standard standards practice practices relationship relationships factor factors condition conditions property properties element elements unit units range rate rates size class classes category categories text texts language reader reading writing write written student students school member members committee department office center centre government law country countries city association society journal journals publication publications published review reviews survey comparison compare compared distribution frequency significant significance variable variables relevant relevance response represent representation application applications apply applied operation operations computer machine automatic software network access communication knowledge experience training staff professional responsibility job history period decision decisions action event events issue issues topic topics note notes detail details discuss statement definition define defined give limit limited limitations higher lower increase decrease growth future past century world international american british english";

    private const string Elsewhere =
        "der die das und ist von den mit zu auf fur im dem nicht ein eine als auch es an werden aus er hat dass sie nach wird bei einer um am sind noch wie einem uber einen so zum war haben nur oder aber vor zur bis mehr durch man sein wurde sei was welche welcher wo wann warum le la les des du de et en un une est que qui dans pour par sur pas plus au aux avec ce cette ces son sa ses il elle ils elles nous vous leur mais ou donc ne se sont ont fait comme quoi quel quelle comment pourquoi quand el los las una unos y o del al que en por con para su sus es son fue como mas pero no si lo le se ha han donde cuando cual quien gli il lo di che e un una per non con si da in del della dei delle sono al alla anche come piu ma ho hai ha het van een dat niet op te zijn voor met aan er om dan nog wel naar os as um uma do da dos das em no na para por com nao mais ao";

    private static readonly FrozenDictionary<string, float> Weights = Build();

    private static readonly FrozenDictionary<string, float>.AlternateLookup<ReadOnlySpan<char>> BySpan = Weights.GetAlternateLookup<ReadOnlySpan<char>>();

    public const float FunctionWord = 0.0f;

    /// <summary>From 0 (says nothing) to 1 (rare); the word in lower case, without accents, not stemmed.</summary>
    public static float Weight(ReadOnlySpan<char> word) => BySpan.TryGetValue(word, out var weight) ? weight : 1f;

    public static bool IsFunctionWord(ReadOnlySpan<char> word) => BySpan.TryGetValue(word, out var weight) && weight <= FunctionWord;

    private static FrozenDictionary<string, float> Build()
    {
        var weights = new Dictionary<string, float>(StringComparer.Ordinal);
        Add(Elsewhere, 0.25f);
        Add(Middling, 0.7f);
        Add(Frequent, 0.4f);
        Add(Function, FunctionWord);
        return weights.ToFrozenDictionary(StringComparer.Ordinal);

        void Add(string words, float weight)
        {
            foreach (var word in words.Split(' ', StringSplitOptions.RemoveEmptyEntries)) weights[word] = weight;
        }
    }
}
