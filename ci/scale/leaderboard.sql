-- The leaderboard of results/submit/leaderboard.cc over a table `published`: one voice a key, ranks
-- within a model, quant, point and metric, software renderers apart.
with voices as (
  select coalesce(hardware, '') as hardware, device, coalesce(model, '') as model,
         coalesce(quant, '') as quant, point, metric, software, public_key,
         any_value(unit) as unit, any_value(better) as better, median(median) as voice,
         count(*) as results, bool_or(maintainer) as maintainer
  from published
  where flag is distinct from 'error' and median is not null
  group by all
), standings as (
  select hardware, device, model, quant, point, metric, software, any_value(unit) as unit,
         any_value(better) as better, median(voice) as value, sum(results)::bigint as results,
         count(*) as keys
  from voices
  group by all
), agreeing as (
  select s.hardware, s.device, s.model, s.quant, s.point, s.metric, s.software,
         count(*) as voices, bool_or(v.maintainer) as maintainer
  from standings s
  join voices v using (hardware, device, model, quant, point, metric, software)
  where abs(v.voice - s.value) <= 0.10 * least(v.voice, s.value)
  group by all
)
select model, quant, point, metric, software,
       rank() over (partition by model, quant, point, metric, software
                    order by case better when 'lower' then value else -value end) as rank,
       hardware, device, value, unit, results, keys,
       case when maintainer then 'reproduced' when voices >= 3 then 'corroborated'
            else 'self-reported' end as tier
from standings
left join agreeing using (hardware, device, model, quant, point, metric, software)
order by model, quant, point, metric, software, rank, hardware, device;
