using System.Reflection;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Ear.Local.Host.Timers;

internal sealed class TimerTrigger(IConfiguration configuration) : ITrigger, IParameterBinder
{
    public const string Type = "timerTrigger";

    public string BindingType => Type;

    public bool Owns(ParameterInfo parameter) => parameter.IsDefined(typeof(TimerTriggerAttribute));

    public void Check(IReadOnlyList<FunctionDescriptor> functions, ICollection<string> faults)
    {
        foreach (var function in functions)
        {
            if (function.TriggerParameter.ParameterType != typeof(TimerInfo))
                faults.Add($"Function {function.Name}: the parameter with TimerTrigger must be a TimerInfo.");
            if (function.Result != typeof(void))
                faults.Add($"Function {function.Name}: it returns {function.Result.Name}, which nobody receives; a timer function returns nothing.");
            var written = function.Attribute<TimerTriggerAttribute>().Schedule;
            if (Setting.Resolve(written, configuration) is not { } expression)
                faults.Add($"Function {function.Name}: schedule {written} names a setting that has no value.");
            else if (!TimerSchedule.TryParse(expression, out _))
                faults.Add($"Function {function.Name}: schedule '{expression}' is not a six-field NCRONTAB expression (second minute hour day month weekday).");
        }
    }

    public ParameterValue? TryBind(ParameterInfo parameter, FunctionDescriptor function) =>
        function.Trigger == this && parameter.ParameterType == typeof(TimerInfo) ? context => context.Trigger : null;

    public ValueTask<string?> RunNowAsync(FunctionInvoker function, string input, IServiceProvider services)
    {
        services.GetRequiredService<TimerService>().RequestRun(function);
        return default;
    }

    /// <summary>Only for functions that passed <see cref="Check"/>.</summary>
    public TimerSchedule ScheduleOf(FunctionDescriptor function) =>
        TimerSchedule.TryParse(Setting.Resolve(function.Attribute<TimerTriggerAttribute>().Schedule, configuration) ?? "", out var schedule)
            ? schedule
            : throw new InvalidOperationException($"Timer {function.Name} has no valid schedule.");
}
