using System.Globalization;
using Ear.Functions.Http.Requests;
using Ear.Outcomes;

namespace Ear.Functions.Alerts.Doors;

/// <param name="Unacknowledge">Of 2024-05-30 only; older clients send a time that is over.</param>
internal sealed record AcknowledgementBody(DateTimeOffset? Until, string? Comment, bool Unacknowledge)
{
    private const int LongestComment = 200;
    private static readonly DateOnly KnowsUnacknowledge = new(2024, 5, 30);

    public static AcknowledgementBody Parse(BodyFields body, MediaVersion version)
    {
        if (body.Text("acknowledgementComment") is { Length: > LongestComment })
            body.Fault("acknowledgementComment", $"at most {LongestComment} characters");
        return new(Time(body, "acknowledgedUntil"), body.Given("acknowledgementComment"), version.Date >= KnowsUnacknowledge && body.Flag("unacknowledgeAlert") is true);
    }

    public Outcome<AcknowledgementBody> Complete()
    {
        if (Unacknowledge)
            return Until is null ? this : new Problem.InvalidField("unacknowledgeAlert", "Not together with acknowledgedUntil.");
        return Until is null ? new Problem.MissingField("acknowledgedUntil") : this;
    }

    private static DateTimeOffset? Time(BodyFields body, string name)
    {
        if (body.Given(name) is not { } text)
            return null;
        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
            return time.ToUniversalTime();
        body.Fault(name, "a time as 2025-11-26T15:34:40Z");
        return null;
    }
}
