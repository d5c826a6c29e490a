using static Lyceum.Rooms.Tests.Knowledge.Reading.Making.CellStyle;

namespace Lyceum.Rooms.Tests.Knowledge.Reading.Making;

/// <summary>
/// The documents of the demo tenant: a small company that builds and runs telescopes. Formats that are not text are made
/// here, so that they can be changed like text; the others are kept in samples/ as they are.
/// </summary>
internal static class Samples
{
    public static IEnumerable<(string Name, byte[] Content)> Made() =>
    [
        ("travel-policy.pdf", TravelPolicy()),
        ("security-handbook.docx", SecurityHandbook()),
        ("onboarding.pptx", Onboarding()),
        ("quarterly-figures-2025.xlsx", QuarterlyFigures()),
    ];

    public static byte[] TravelPolicy() => new PdfMaker("Travel and Expense Policy") { Footer = "Northwind Observatory  -  Travel and Expense Policy, version 4.2" }
        .NewPage()
        .Heading("Travel and Expense Policy")
        .Paragraph("This policy applies to everyone who travels on behalf of Northwind Observatory, including visiting astronomers whose costs we carry. It is in force since 1 February 2025 and replaces version 4.1. Questions go to Priya Raman, Head of Finance.")
        .Heading("1 Before you travel", 2)
        .Paragraph("Trips of more than two nights need the written approval of your team lead. Trips outside Europe also need the approval of the Head of Finance, at least ten working days before departure. Approval is given in the travel form; an e-mail is not enough.")
        .Bullet("Book trains and flights through the travel desk, so that we know where you are if something happens.")
        .Bullet("Register observing runs at the Atacama site with the safety officer, Tomas Keller.")
        .Bullet("Check that your passport is valid for six months after your return.")
        .Heading("2 Getting there", 2)
        .Paragraph("We take the train whenever the journey takes less than six hours. For longer journeys economy class flights are booked. Premium economy may be booked when a single flight lasts more than eight hours. Business class is never reimbursed.")
        .Paragraph("Private cars are reimbursed at 0.38 euros per kilometre, up to 400 kilometres per trip. Fines and parking tickets are yours.")
        .NewPage()
        .Heading("3 Staying there", 2)
        .Paragraph("Hotels are reimbursed up to the limits in the table, breakfast included. When every hotel within five kilometres of the site is dearer, the travel desk may approve up to 25 percent more.")
        .Table([0, 160, 290], ["Region", "Hotel per night", "Meals per day"], ["Germany", "140 EUR", "28 EUR"], ["Rest of Europe", "165 EUR", "35 EUR"], ["Chile", "120 EUR", "32 EUR"], ["Japan", "190 EUR", "46 EUR"], ["North America", "210 EUR", "52 EUR"])
        .Paragraph("The dormitory at the Atacama site is free of charge for staff. Guests pay 45 euros per night, to be settled with the site office in San Pedro.")
        .Heading("4 Meals and entertainment", 2)
        .Paragraph("Meals are paid as a daily allowance; receipts are not needed. On days when a conference provides lunch, the allowance is reduced by 40 percent. Alcohol is not reimbursed, except for a toast at a first light ceremony.")
        .Paragraph("Invitations of guests need the names of everyone at the table and the purpose of the meeting on the back of the receipt. Up to 60 euros per person are reimbursed.")
        .NewPage()
        .Heading("5 Getting your money back", 2)
        .Paragraph("Hand in your expense report within 30 days after your return. Reports that arrive later than 90 days are not paid. Finance pays approved reports every Thursday; the money is in your account two banking days later.")
        .Bullet("Receipts above 25 euros are attached as a photo or a scan.")
        .Bullet("Amounts in other currencies are converted at the rate of the day of payment.")
        .Bullet("Lost receipts can be replaced by a signed statement, twice per year.")
        .Heading("6 When something goes wrong", 2)
        .Paragraph("Call the emergency line of our insurer, Polaris Assist, at +49 30 5550 1420, day and night; the contract number is NW-77301. Inform your team lead afterwards. Missed connections caused by observing conditions are treated as working time.")
        .Make();

    public static byte[] SecurityHandbook() => new DocxMaker()
        .Title("Information Security Handbook")
        .Paragraph("Northwind Observatory keeps observing data, engineering drawings and personal data of about 240 people. This handbook says how we protect them. It is reviewed every March by the security officer, Dr. Lena Okafor.")
        .Heading(1, "Accounts and passwords")
        .Paragraph("Every account belongs to one person. Passwords have at least 14 characters and are kept in the password manager, never in a document or a chat.")
        .Bullet("Two-factor sign-in is required for e-mail, the data archive and the telescope control network.")
        .Bullet("Hardware keys are handed out by the service desk in room B-117.")
        .Bullet("A lost key is reported within one hour.", 1)
        .Bullet("A spare key costs 35 euros, paid by the team.", 1)
        .Footnote("Shared accounts exist only for the control room displays.", "The three display accounts have no access to the network outside the dome.")
        .Heading(2, "When you leave")
        .Paragraph("Accounts are closed at 18:00 on the last working day. Mailboxes are kept for 60 days and then deleted.")
        .RenderedPage("Exceptions are granted by the security officer in writing and end after two weeks.")
        .Heading(1, "Classes of information")
        .Paragraph("Everything we write down belongs to one of four classes. When in doubt, take the stricter one.")
        .Table(["Class", "Examples", "May be shared with", "Storage"], ["Public", "Press releases, published papers", "Everyone", "Any"], ["Internal", "Minutes, schedules", "Staff and contractors", "File server or wiki"], ["Confidential", "Proprietary observations, contracts", "Named persons", "Encrypted file server"], ["Secret", "Telescope control credentials", "Security officer and on-call engineer", "Vault only"])
        .Paragraph("Observations stay confidential for 18 months after they were taken; then they become public automatically.")
        .Heading(1, "Reporting an incident")
        .Paragraph("Report anything odd at once, even if you may have caused it yourself. Nobody is blamed for reporting.")
        .Number("Leave the device switched on and unplug the network cable.")
        .Number("Call the security line at extension 4400.")
        .Number("Write down what you saw and when.")
        .RenderedPage("The on-call engineer answers within 15 minutes, around the clock. Personal data breaches are passed to the authority within 72 hours.")
        .Heading(2, "Phishing")
        .Paragraph("Forward suspicious mail to phish@northwind.example and delete it. In 2024 we received 312 such reports, of which 41 were real attacks.")
        .Heading(1, "Working away from the observatory")
        .Paragraph("Laptops are encrypted and locked after five minutes. Public networks are used only through the tunnel. Printing confidential documents at home is not allowed.")
        .Make();

    public static byte[] Onboarding() => PptxMaker.Make("Welcome to Northwind Observatory",
        new Slide("Welcome to Northwind Observatory", ["Your first two weeks", "People and Culture, edition of January 2025"], "Greet everyone by name. The group should not be larger than twelve."),
        new Slide("Who we are", ["Founded in 1987 in Potsdam by five astronomers", "Two sites: Potsdam and San Pedro de Atacama", "  Potsdam: engineering, archive, administration", "  Atacama: the 4.1 metre Borealis telescope", "About 240 people from 31 countries"], "The mirror of Borealis was cast in Mainz and travelled by ship for seven weeks."),
        new Slide("Your first day", ["09:00 Meet your buddy at the gate", "10:00 Pick up laptop and hardware key in room B-117", "12:30 Lunch with your team, we pay", "14:00 Safety introduction with Tomas Keller"]),
        new Slide("Working time and holidays", ["38.5 hours per week, flexible between 07:00 and 21:00", "30 days of holiday", "Observing nights count one and a half times"], Table: [["Kind of leave", "Days", "Approved by"], ["Holiday", "30", "Team lead"], ["Parental leave", "up to 36 months", "People and Culture"], ["Study leave", "5", "Head of department"]]),
        new Slide("Whom to ask", ["Money and travel: Priya Raman", "Security: Dr. Lena Okafor", "Anything else: the service desk, extension 4000"], "Remind people that the service desk closes at 17:00 on Fridays."));

    public static byte[] QuarterlyFigures()
    {
        Styled Date(int month, int day) => new(XlsxMaker.Serial(2025, month, day), CellStyle.Date);
        Styled Money(double value) => new(value, Euro);
        Styled Part(double value) => new(value, Percent);
        return XlsxMaker.Make(
            new Sheet("Quarters", [
                ["Quarterly figures 2025, in euros"],
                [],
                ["Quarter", "Closed on", "Grants", "Instrument sales", "Visitor centre", "Total income", "Costs", "Margin"],
                ["Q1", Date(4, 11), Money(1840000), Money(612500.5), Money(88210.25), Money(2540710.75), Money(2310400), Part(0.0906)],
                ["Q2", Date(7, 10), Money(1840000), Money(975300), Money(142980.4), Money(2958280.4), Money(2402150.6), Part(0.188)],
                ["Q3", Date(10, 9), Money(1910000), Money(431200), Money(205417.9), Money(2546617.9), Money(2517300), Part(0.0115)],
            ]),
            new Sheet("Orders", [
                ["Order", "Customer", "Product", "Units", "Delivery", "Paid"],
                ["NW-2025-014", "University of Tromso", "Aurora S2 spectrograph", 2, Date(3, 18), true],
                ["NW-2025-021", "Kyoto Planetarium", "Dome controller DC-5", 1, Date(5, 27), true],
                ["NW-2025-033", "Canary Sky Institute", "Aurora S2 spectrograph", 4, Date(9, 2), false],
                ["NW-2025-040", "Helsinki School of Optics", "Calibration lamp CL-1", 12, Date(11, 14), false],
            ]),
            new Sheet("Draft", [["Not for readers"]], "hidden"));
    }
}
