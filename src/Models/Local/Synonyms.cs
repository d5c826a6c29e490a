using System.Collections.Frozen;

namespace Lyceum.Models;

/// <summary>
/// Words of offices and handbooks that stand for one another, so that "vacation" finds "annual leave". Few and safe on purpose:
/// a wrong pair harms more questions than a missing one.
/// </summary>
internal static class Synonyms
{
    private const string Groups = """
        vacation holiday leave pto
        employee staff worker personnel workforce colleague
        employer company firm organisation organization business
        salary wage pay remuneration compensation payroll
        bonus incentive premium
        boss manager supervisor superior
        hire recruit employ onboard
        fire dismiss terminate layoff redundancy
        resign quit notice
        customer client buyer consumer
        supplier vendor provider
        price cost fee charge tariff rate
        buy purchase acquire procure order
        sell sale
        refund reimburse reimbursement repayment
        invoice bill
        contract agreement
        deadline due cutoff
        car vehicle automobile
        bike bicycle
        flat apartment
        house home residence
        doctor physician
        illness sick sickness disease
        medicine drug medication
        begin start commence launch
        end finish conclude terminate expire
        stop cease halt
        fix repair mend
        error fault bug defect failure
        problem issue trouble
        change modify alter amend edit
        delete remove erase
        create make build construct
        add insert append
        show display
        hide conceal
        search find lookup retrieve retrieval
        answer reply response respond
        question query ask inquiry enquiry
        document file record
        paper article publication
        picture image photo photograph
        film movie video
        phone telephone mobile
        email mail
        password passcode credential
        login signin logon
        user account
        computer pc machine
        laptop notebook
        software program application app
        website site webpage
        internet web online
        server host
        backup copy
        speed fast quick rapid
        slow delay late
        big large huge
        small little tiny
        cheap inexpensive affordable
        expensive costly
        allow permit authorise authorize approve
        forbid prohibit ban
        rule policy regulation guideline
        law legislation statute
        duty obligation responsibility
        right entitlement entitled eligible
        requirement prerequisite condition
        goal aim objective target purpose
        plan schedule timetable
        meeting conference
        report statement summary
        teach instruct train training
        learn study
        school education
        university college
        student pupil
        child kid minor
        insurance coverage insured
        tax levy
        money fund cash
        budget expenditure
        profit earnings income revenue
        loss deficit
        debt liability
        loan credit
        owner proprietor
        address location
        country nation
        city town
        trip travel journey
        hotel accommodation lodging
        food meal
        drink beverage
        accident incident injury
        danger hazard risk
        safe safety secure security
        test exam examination
        measure measurement
        increase rise grow growth
        decrease reduce reduction decline drop
        maximum limit cap
        year annual yearly
        month monthly
        week weekly
        day daily
        author writer
        library libraries librarian
        index indexing
        classification categorization taxonomy
        automatic automated automation
        abstract summary
        """;

    // By Porter stem, so that one entry covers a word's forms.
    private static readonly FrozenDictionary<string, int> ByStem = Build();

    private static readonly FrozenDictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> BySpan = ByStem.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>0 for a word without synonyms; otherwise the same number for all words of a group. The word is a Porter stem.</summary>
    public static int GroupOfStem(ReadOnlySpan<char> stem) => BySpan.TryGetValue(stem, out var group) ? group : 0;

    // The first group that names a word keeps it.
    private static FrozenDictionary<string, int> Build()
    {
        var groups = new Dictionary<string, int>(StringComparer.Ordinal);
        var number = 0;
        foreach (var line in Groups.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            number++;
            foreach (var word in line.Split(' '))
            {
                var letters = word.ToCharArray();
                groups.TryAdd(new string(letters, 0, PorterStem.Stem(letters)), number);
            }
        }

        return groups.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
