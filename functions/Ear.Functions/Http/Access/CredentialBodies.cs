using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Ear.Functions.Http.Requests;
using Ear.Outcomes;
using Ear.Projects;

namespace Ear.Functions.Http.Access;

internal sealed record ApiKeyBody(string? Description, ImmutableArray<string>? Roles)
{
    private const int MaxLength = 250;

    public static ApiKeyBody Parse(BodyFields body)
    {
        var description = body.Text("desc");
        if (description is { Length: 0 or > MaxLength })
            body.Fault("desc", $"1 to {MaxLength} characters");
        return new(description, body.Texts("roles", Role.OfProjects.Length * 2));
    }

    public Outcome<(string Description, ImmutableArray<string> Roles)> Complete()
    {
        if (Description is not { } description)
            return new Problem.MissingField("desc");
        return Roles is { } roles ? (description, roles) : new Problem.MissingField("roles");
    }
}

internal sealed partial record ServiceAccountBody(string? Name, string? Description, ImmutableArray<string>? Roles, TimeSpan? SecretLife)
{
    private const int LeastHours = 8;
    private const int MostHours = 8760;

    public static ServiceAccountBody Parse(BodyFields body)
        => new(Words(body, "name", 64), Words(body, "description", 250), body.Texts("roles", Role.OfProjects.Length * 2), Life(body));

    public static Outcome<TimeSpan> CompleteSecret(TimeSpan? life) => life is { } given ? given : new Problem.MissingField("secretExpiresAfterHours");

    /// <summary>How long a secret lives: 8 hours to a year.</summary>
    public static TimeSpan? Life(BodyFields body)
        => body.Integer("secretExpiresAfterHours", LeastHours, MostHours) is { } hours ? TimeSpan.FromHours(hours) : null;

    public Outcome<NewServiceAccount> Complete()
    {
        if (Name is not { } name)
            return new Problem.MissingField("name");
        if (Description is not { } description)
            return new Problem.MissingField("description");
        if (Roles is not { } roles)
            return new Problem.MissingField("roles");
        return CompleteSecret(SecretLife).Map(life => new NewServiceAccount(name, description, roles, life));
    }

    private static string? Words(BodyFields body, string field, int most)
    {
        var text = body.Text(field);
        if (text is not null && (text.Length == 0 || text.Length > most || !Pattern().IsMatch(text)))
            body.Fault(field, $"1 to {most} letters, digits, spaces and -_.,'");
        return text;
    }

    [GeneratedRegex(@"\A[\p{L}\p{N}\-_.,' ]*\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Pattern();
}
